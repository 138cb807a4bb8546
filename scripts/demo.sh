#!/usr/bin/env bash
# Sets up, builds, and runs train, predict and evaluate on pictures composed from Tux Paint stamps.
# Everything it makes is below build/demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

demo=build/demo

step() { printf '\n== %s\n' "$*"; }

# Prints the command a user would type, then runs it.
run() {
  local line="\$ preannotate $1" word
  for word in "${@:2}"; do
    if [[ $word == --* ]]; then line+=$' \\\n      '"$word"; else line+=" $word"; fi
  done
  echo "$line"
  build/preannotate "$@"
}

step "1/6 Set up"
scripts/setup.sh --demo

step "2/6 Build build/preannotate"
scripts/dev.sh build

step "3/6 Compose pictures"
if [[ ! -f $demo/truth.csv ||
  -n $(find scripts/demo -name '*.py' ! -name sheet.py -newer $demo/truth.csv) ]]; then
  mkdir -p $demo
  rm -f $demo/truth.csv
  /usr/bin/python3 scripts/demo/compose.py $demo
else
  echo "already in $demo"
fi
echo "labelled seed      $demo/seed/<class>/*.jpg"
echo "to be labelled     $demo/unlabelled/**"
echo "its true classes   $demo/truth.csv (kept aside to score against)"

step "4/6 Train on the labelled seed"
run train --data $demo/seed --output $demo/run --force

step "5/6 Draft labels for the unlabelled pictures"
run predict --model $demo/run --source $demo/unlabelled --output $demo/drafts \
  --formats coco,label_studio,csv --force

step "6/6 Compare the drafts with the truth"
run evaluate --drafts $demo/drafts --data $demo/truth.csv
/usr/bin/python3 scripts/demo/sheet.py $demo/drafts $demo/unlabelled $demo/truth.csv \
  $demo/drafts_sheet.jpg

cat <<TEXT

Done. Look at
  $demo/drafts_sheet.jpg       40 of the drafts as one picture
  $demo/run/report.html        what training found, with its worst mistakes
  $demo/drafts/drafts.jsonl    one line for every picture, surest or not
  $demo/drafts/coco/           opens in COCO tools
  $demo/drafts/label_studio/   imports into Label Studio
  $demo/drafts/csv/            a table
TEXT
