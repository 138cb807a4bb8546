#!/usr/bin/env bash
# Sets up, builds, and runs train, predict and evaluate on pictures composed from Tux Paint stamps:
# one round with a class for each picture, one with boxes. Everything it makes is below build/demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

demo=build/demo
boxes=$demo/boxes

source scripts/demo/steps.sh

step "1/11 Set up"
scripts/setup.sh --demo

step "2/11 Build build/preannotate"
scripts/dev.sh build

step "3/11 Compose pictures"
compose compose.py $demo truth.csv
echo "labelled seed      $demo/seed/<class>/*.jpg"
echo "to be labelled     $demo/unlabelled/**"
echo "its true classes   $demo/truth.csv (kept aside to score against)"

step "4/11 Train on the labelled seed"
run train --data $demo/seed --output $demo/run --force

step "5/11 Draft labels for the unlabelled pictures"
# Answers of an earlier demo are no output that --force may replace.
rm -rf $demo/drafts/{selections,certificate.json,review.jsonl}
run predict --model $demo/run --source $demo/unlabelled --output $demo/drafts \
  --formats coco,label_studio,csv --force

step "6/11 Compare the drafts with the truth"
run evaluate --drafts $demo/drafts --data $demo/truth.csv
/usr/bin/python3 scripts/demo/sheet.py $demo/drafts $demo/unlabelled $demo/truth.csv \
  $demo/drafts_sheet.jpg

step "7/11 Accept drafts within a stated error: 100 answers, here from the truth"
run select $demo/drafts --for certify --budget 100 --seed 1
echo "path,label" >$demo/answers.csv
awk -F, 'NR == FNR { label[$1] = $2; next } FNR > 1 { print $1 "," label[$1] }' \
  $demo/truth.csv $demo/drafts/selections/certify/answers.csv >>$demo/answers.csv
run certify $demo/drafts --answers $demo/answers.csv --max-error 0.05

step "8/11 Labels of the seed that look wrong"
run issues --data $demo/seed --output $demo/issues --force

step "9/11 Boxes: compose pictures and train on 30 of them"
compose compose_boxes.py $boxes truth.json
echo "labelled seed      $boxes/seed/annotations.json, images/*.jpg"
echo "to be labelled     $boxes/unlabelled/*.jpg"
echo "its true boxes     $boxes/truth.json (kept aside to score against)"
run train --data $boxes/seed --task detect --output $boxes/run --force

step "10/11 Draft boxes on the unlabelled pictures"
run predict --model $boxes/run --source $boxes/unlabelled --output $boxes/drafts \
  --formats coco,label_studio,voc --force

step "11/11 Compare the drafted boxes with the truth"
run evaluate --drafts $boxes/drafts --data $boxes/truth.json
/usr/bin/python3 scripts/demo/sheet_boxes.py $boxes/drafts $boxes/unlabelled $boxes/truth.json \
  $demo/boxes_sheet.jpg

cat <<TEXT

Done. Look at
  $demo/drafts_sheet.jpg       40 of the drafts as one picture
  $demo/boxes_sheet.jpg        the boxes drafted on 12 pictures
  $demo/run/report.html        what training found, with its worst mistakes
  $boxes/run/report.html  the same of the boxes
  $demo/drafts/report.html     whether these pictures are like the seed's
  $demo/issues/report.html     labels of the seed that look wrong
  $demo/drafts/drafts.jsonl    one line for every picture, surest or not
  $demo/drafts/coco/           opens in COCO tools
  $demo/drafts/label_studio/   imports into Label Studio
  $demo/drafts/csv/            a table
  $boxes/drafts/          the boxes in the ledger, COCO, Label Studio and Pascal VOC
TEXT
