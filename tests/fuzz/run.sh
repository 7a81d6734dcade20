#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the fuzz targets: tests/fuzz/run.sh SECONDS [TARGET...]. With 0 seconds a target runs over the corpus that
# is kept and a few thousand mutations of it; else also over the real files of ../shared/data and what earlier runs
# found (build/fuzz/corpus), for that long. What a target finds is in build/fuzz/findings; one finding fails the run.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=$1
shift
build=build/fuzz
data=../shared/data
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0 UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$PWD/tests/fuzz/leaks.supp:print_suppressions=0
# The inputs that have to be files; in memory, for some file systems wait for the disk.
TMPDIR=$(mktemp -d -p /dev/shm rastream-fuzz-XXXXXX)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# The real files that a target takes as they are, those of at most 256 KiB.
real_files() {  # TARGET
  local names=()
  case $1 in
    json_fuzz) names=(-name '*.json') ;;
    stac_fuzz) names=(-path '*stac*' -name '*.json') ;;
    zarr_metadata_fuzz) names=(-name .zarray -o -name zarr.json) ;;
    netcdf_classic_fuzz | hdf5_file_fuzz) names=(-name '*.nc' -o -name '*.nc4' -o -name '*.h5') ;;
    tiff_fuzz | geotiff_file_fuzz) names=(-name '*.tif' -o -name '*.tiff') ;;
    raw_fuzz) names=(-name '*.res') ;;
    zip_fuzz) names=(-name '*.zip') ;;
    *) return ;;
  esac
  [ ! -d $data ] || find -L $data -type f -size -512 \( "${names[@]}" \) | sort
}

run_target() {  # TARGET
  local target=$1 work=$build/corpus/$1 log=$build/logs/$1.log extent
  local options=(-rss_limit_mb=2048 -malloc_limit_mb=512 -timeout=20 -max_len=65536 -print_final_stats=1
    "-artifact_prefix=$build/findings/$1-")
  if [ "$seconds" = 0 ]; then
    work=$(mktemp -d)
    options+=(-runs=3000 -max_total_time=5 -seed=1)
  else
    real_files "$target" | tr '\n' ',' | sed 's/,$//' >"$build/$target.seeds"
    options+=("-max_total_time=$seconds")
    [ ! -s "$build/$target.seeds" ] || options+=("-seed_inputs=@$build/$target.seeds")
  fi
  mkdir -p "$work" "$build/logs" "$build/findings" "tests/fuzz/corpus/$target"
  [ ! -f "tests/fuzz/$target.dict" ] || options+=("-dict=tests/fuzz/$target.dict")
  local begin=$SECONDS status=0
  "$build/$target" "${options[@]}" "$work" "tests/fuzz/corpus/$target" >"$log" 2>&1 || status=$?
  [ "$seconds" != 0 ] || rm -r "$work"
  extent="$((SECONDS - begin)) s, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1) runs"
  extent+=", coverage $(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -c6-)"
  if [ $status = 0 ]; then
    echo "ok    $target: $extent"
  else
    echo "FOUND $target: $extent; $log"
    grep -aE '^(==[0-9]+==|SUMMARY|internal error|broken law|artifact_prefix|.*runtime error)' "$log" | sed 's/^/      /'
    return 1
  fi
}
export -f run_target real_files
export seconds build data

# Behind whole drivers are libhdf5 and GDAL, whose own findings are not ours to mend: only when they are named.
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls -- *_fuzz.cpp | sed 's/\.cpp$//' | grep -vxE '(hdf5|geotiff)_file_fuzz')
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'run_target {}'
