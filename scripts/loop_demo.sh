#!/usr/bin/env bash
# The whole circle on the pictures of scripts/demo.sh, from no label at all: which to label first,
# train, draft, answers of a person (here a script that knows the truth), a new model if it is
# better, a certificate, and a finished label set. Everything it makes is below build/demo/loop.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

demo=build/demo
loop=$demo/loop
drafts=$loop/drafts

source scripts/demo/steps.sh

# One that may say no, with exit code 1: the circle goes on with what there is.
may_refuse() {
  local code=0
  run "$@" || code=$?
  ((code <= 1)) || exit "$code"
}

person() { /usr/bin/python3 scripts/demo/reviewer.py "$@"; }

# answers NAME: the person answers what `select` chose, in Label Studio.
answers() {
  person answer "$drafts/selections/$1/label_studio/tasks.json" $demo/truth.csv "$loop/$1.json"
}

step "1/12 Set up, build"
scripts/setup.sh --demo
scripts/dev.sh build

step "2/12 Compose pictures"
compose compose.py $demo truth.csv
rm -rf $loop
mkdir -p $loop
person split $demo/unlabelled $demo/truth.csv $loop/pictures $loop/gold
echo "to be labelled                     $loop/pictures, 255 pictures"
echo "known to be right, for judging     $loop/gold/<class>/*.jpg, 86 pictures"

step "3/12 Which to label first, while there is no model"
run select $loop/pictures --for label --budget 60 --output $loop/first --seed 1
person sort $loop/first/images.txt $loop/pictures $demo/truth.csv $loop/labelled

step "4/12 Train on them, draft the rest"
run train --data $loop/labelled --output $loop/run1
run runs $loop --use run1
run predict --model $loop/current --source $loop/pictures --output $drafts

step "5/12 What to label next, a sixth of it without a look at the draft"
run select $drafts --for label --budget 60 --formats label_studio --seed 1
answers label

step "6/12 Take the answers back"
run import $drafts --from $loop/label.json --selection label
run statistics $drafts

step "7/12 A new model, if the gold set says that it is better"
may_refuse update --model $loop/current --reviewed $drafts --data $loop/labelled --gold $loop/gold \
  --output $loop/run2
run runs $loop

step "8/12 Draft anew what nobody has answered"
run predict --model $loop/current --source $loop/pictures --output $drafts --keep-answers

step "9/12 Accept what a blind sample bears out"
run select $drafts --for certify --budget 90 --formats label_studio --seed 2
answers certify
run import $drafts --from $loop/certify.json --selection certify
may_refuse certify $drafts --max-error 0.02

step "10/12 Review the rest"
run convert $drafts $loop/tasks --to-format label_studio
person answer $loop/tasks/tasks.json $demo/truth.csv $loop/review.json --bucket review
# Nothing is left where everything was accepted.
grep -q image $loop/review.json && run import $drafts --from $loop/review.json

step "11/12 The finished labels, and the error that is left in them"
run convert $drafts $loop/labels --to-format csv
person compare $loop/labels/labels.csv $demo/truth.csv
run select $drafts --for audit --budget 150 --formats label_studio --seed 3
answers audit
run import $drafts --from $loop/audit.json --selection audit
may_refuse audit $drafts --max-error 0.05

step "12/12 What the same would have cost otherwise"
run simulate --data $demo/seed --repeats 2 --max-error 0.05

cat <<TEXT

Done. Look at
  $drafts/review.jsonl   every answer, when, by whom, and what was shown
  $loop/labels/labels.csv   the finished labels
Answer some yourself:
  build/preannotate review $drafts
TEXT
