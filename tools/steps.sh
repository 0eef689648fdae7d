# shellcheck shell=bash
# What the scripts of this folder share: a line a step with its time. Sourced, never run.
#
#   source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"     # ROOT is set, and is the working directory
#   step "build" cmake --build build/release             # output goes to $LOG_DIR/build.log; its end is shown on failure
#
# A function given to step joins its commands with &&: bash does not leave at the first failure there.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit
LOG_DIR=$ROOT/build/logs
mkdir -p "$LOG_DIR"
export CCACHE_BASEDIR=$ROOT  # Another clone of the same commit finds what this one compiled.

bold='' red='' plain=''
if [[ -t 1 && -z ${NO_COLOR-} && -z ${CI-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
else
  export NO_COLOR=1 CLICOLOR=0 GTEST_COLOR=no
fi

say() { printf '%s\n' "$*"; }
fail() { printf '%s%s%s\n' "$red" "$*" "$plain" >&2; exit 1; }

# The time since `begin`, a value of EPOCHREALTIME, with one decimal.
seconds_since() {
  local tenths=$(( (${EPOCHREALTIME//[.,]/} - ${1//[.,]/}) / 100000 ))
  printf '%d.%d s' $(( tenths / 10 )) $(( tenths % 10 ))
}

done_in() { printf '%s==> %-44s %10s%s\n' "$bold" "$1" "$(seconds_since "$2")" "$plain"; }

# Runs a command, then prints its name and its time. A command that fails ends the script.
step() {
  local name=$1 log=$LOG_DIR/${1//[^a-z0-9]/_}.log begin=$EPOCHREALTIME status=0
  shift
  [[ -t 1 ]] && printf '    %s …\r' "$name"
  "$@" >"$log" 2>&1 || status=$?
  if (( status != 0 )); then
    tail -n 60 "$log" >&2
    fail "==> $name FAILED with status $status after $(seconds_since "$begin"). All it said: $log"
  fi
  done_in "$name" "$begin"
}
