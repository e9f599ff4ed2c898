#!/bin/sh
# Find a Chromium for the browser tests, or install one. Prints nothing when there is one.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests ..."
    { apt-get update && apt-get install -y --no-install-recommends chromium; } >/tmp/chromium-install.log 2>&1 && exit 0
    tail -n 5 /tmp/chromium-install.log >&2
fi

echo "The browser tests need Chromium: install the package chromium (Debian: sudo apt-get install chromium)." >&2
exit 1
