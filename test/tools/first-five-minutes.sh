#!/usr/bin/env bash
# The first five minutes of somebody new, as the README has them: a fresh clone, its set-up command, `orrery init`, one number
# edited, `orrery run`; then the report must exist and say so. Prints one line a step; exit code 1 at the first that fails.
#
#   test/tools/first-five-minutes.sh              clones and copies the node_modules of this checkout
#   FRESH=1 test/tools/first-five-minutes.sh      installs packages from the registry instead, as the README's command does
#
# Copying is the default because .ci/run has just proved `npm ci` from an empty folder: a second one would take as long again
# and test nothing new. What `npm ci` runs after it (`prepare`, which builds) runs here either way.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT

step() { printf 'first five minutes: %s\n' "$*"; }
fail() { printf 'first five minutes: FAILED: %s\n' "$*" >&2; exit 1; }

step 'clone'
git clone --quiet --no-hardlinks "$root" "$home/orrery"
cd "$home/orrery"
grep -q 'npm ci && npm start' README.md || fail 'the README no longer says "npm ci && npm start": change this script with it'

if [[ "${FRESH:-}" == 1 ]]; then
  step 'npm ci'
  npm ci --no-audit --no-fund > "$home/install.log" 2>&1 || { tail -20 "$home/install.log"; fail 'npm ci'; }
else
  step 'node_modules of this checkout, build'
  # Links where both lie on one file system, else copies.
  cp -al "$root/node_modules" node_modules 2> /dev/null ||
    { rm -rf node_modules && cp -a "$root/node_modules" node_modules; }
  npm run --silent prepare > "$home/install.log" 2>&1 || { tail -20 "$home/install.log"; fail 'npm run prepare'; }
fi

step 'npx orrery init'
mkdir "$home/mine"
npx --no-install orrery init "$home/mine" --template capacity > "$home/init.log" || fail 'orrery init'
scenario="$home/mine/capacity.yaml"
[[ -s "$scenario" ]] || fail "init wrote no $scenario"
grep -q "orrery run $scenario" "$home/init.log" || fail 'init does not say what to do next'

# 19 of 20 clusters of 32 cores x 50 nodes carry the peak with a quarter free: at least 10 % holds, at least 77 % cannot.
step 'run it as it is'
code=0
npx --no-install orrery run "$scenario" --seed 42 --out "$home/before" > "$home/before.log" 2>&1 || code=$?
(( code == 0 )) || { tail -20 "$home/before.log"; fail "the template ends with $code, not with 0"; }
grep -q 'min &gt;= 10%' "$home/before/report.html" || fail 'the report does not name the threshold of the template'

step 'edit one number, run again'
sed -i.bak 's/min >= 10%/min >= 77%/' "$scenario"
cmp -s "$scenario" "$scenario.bak" && fail 'the template has no "min >= 10%" to edit: change this script with it'
code=0
npx --no-install orrery run "$scenario" --seed 42 --out "$home/after" > "$home/after.log" 2>&1 || code=$?
(( code == 99 )) || { tail -20 "$home/after.log"; fail "a threshold that cannot hold ends with $code, not with 99"; }

step 'the report says so'
report="$home/after/report.html"
[[ -s "$report" ]] || fail 'there is no report.html'
grep -q 'min &gt;= 77%' "$report" || fail 'the report does not have the number that was edited'
! grep -q 'min &gt;= 10%' "$report" || fail 'the report still has the number from before'
node - "$home/after/result.json" <<'NODE' || fail 'result.json does not have the verdict'
const { thresholds } = JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8'));
const edited = thresholds.find(({ expr }) => expr.includes('77%'));
process.exit(edited !== undefined && edited.verdict === 'fail' ? 0 : 1);
NODE
grep -q "$home/after" "$home/after.log" || fail 'the command does not name the bundle'
step "well, in $SECONDS s"
