# What demo.sh and loop_demo.sh share; they read it in the repository's root.

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

# compose SCRIPT FOLDER FILE: unless FILE, which it writes last, is newer than the scripts.
compose() {
  local folder=$2 last=$2/$3
  if [[ -f $last &&
    -z $(find scripts/demo -name '*.py' ! -name 'sheet*.py' -newer "$last") ]]; then
    echo "already in $folder"
    return
  fi
  mkdir -p "$folder"
  rm -f "$last"
  /usr/bin/python3 "scripts/demo/$1" "$folder"
}
