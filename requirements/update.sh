#!/bin/sh
# Merge a later version of the software into a journal of one's own: `make update FROM=software/main`.
# The merge is git's; then the journal's own texts are put back as they were. It is left to look at and commit.
set -euf

texts='README.md index.md notes lanes pages pictures labs/*/* tests/journal tests/published.txt bench/queries.json _static/map _static/social.png'

if [ -n "$(git status --porcelain)" ]; then
    echo "make update: commit what is changed first." >&2
    exit 1
fi
git rev-parse --verify --quiet "$1^{commit}" >/dev/null || {
    echo "make update: git does not know \`$1\`; run \`git remote add software <address> && git fetch software\`, and give FROM=software/main." >&2
    exit 1
}
git merge --no-commit --no-ff "$1" >/dev/null || true
for text in $texts; do
    git rm -rqf --ignore-unmatch -- "$text"  # also what only the other side has, or changed
    if git ls-files --with-tree=HEAD --error-unmatch -- "$text" >/dev/null 2>&1; then
        git restore --source=HEAD --staged --worktree -- "$text"
    fi
done
left=$(git diff --name-only --diff-filter=U)
if [ -n "$left" ]; then
    printf 'make update: these files were changed on both sides; mend them, git add them, and commit:\n%s\n' "$left" >&2
    exit 1
fi
echo "Merged, and not committed yet: run \`make test\`, then \`git commit\`. To undo it: git merge --abort"
