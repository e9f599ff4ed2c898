#!/bin/sh
# Merge a later version of the software into your own journal: `make update FROM=software/main`.
# Runs a git merge, then restores the journal's own texts. Leaves the commit to you.
set -euf

texts='README.md index.md notes lanes pages pictures labs/*/* tests/journal tests/published.txt bench/queries.json _static/map _static/social.png'

if [ -n "$(git status --porcelain)" ]; then
    echo "make update: there are uncommitted changes; commit them first." >&2
    exit 1
fi
git rev-parse --verify --quiet "$1^{commit}" >/dev/null || {
    echo "make update: \`$1\` is not a commit or branch; run \`git remote add software <address> && git fetch software\`, and pass FROM=software/main." >&2
    exit 1
}
git merge --no-commit --no-ff "$1" >/dev/null || true
for text in $texts; do
    git rm -rqf --ignore-unmatch -- "$text"  # also files that only the other side has or changed
    if git ls-files --with-tree=HEAD --error-unmatch -- "$text" >/dev/null 2>&1; then
        git restore --source=HEAD --staged --worktree -- "$text"
    fi
done
left=$(git diff --name-only --diff-filter=U)
if [ -n "$left" ]; then
    printf 'make update: these files were changed on both sides; resolve the conflicts, git add them, and commit:\n%s\n' "$left" >&2
    exit 1
fi
echo "Merged, not committed yet: run \`make test\`, then \`git commit\`. To undo it: git merge --abort"
