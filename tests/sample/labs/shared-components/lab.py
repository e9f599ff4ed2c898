"""Who shares the failing component."""
