#!/bin/sh
# Check the types of the scripts with TypeScript, at the version that package-lock.json pins.
# Without npm or the network, print that they are not checked, and succeed.
set -eu

not_checked() {
    echo "The scripts' types are not checked: $1." >&2
    exit 0
}

command -v npm >/dev/null 2>&1 || not_checked "npm is not installed"

installed=node_modules/.package-lock.json
if [ ! -x node_modules/.bin/tsc ] || [ package-lock.json -nt "$installed" ]; then
    log=$(npm ci --no-audit --no-fund --prefer-offline --fetch-retries=0 2>&1) || case $log in
        *ENOTFOUND* | *EAI_AGAIN* | *ECONN* | *ETIMEDOUT* | *ENETUNREACH* | *ENOTCACHED*) not_checked "npm cannot load TypeScript" ;;
        *) echo "$log" >&2; exit 1 ;;
    esac
fi
exec node_modules/.bin/tsc
