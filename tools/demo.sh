#!/usr/bin/env bash
# The main job on files that it makes: North America at 10 km, three maps, a summary.
set -euo pipefail
rastream=$1
folder=${2:-demo}
rm -rf "$folder"
echo "1. Daymet-like files on the real grid, every 10th cell"
"$rastream" make-daymet "$folder" --stride 10 --chunk 200
echo
echo "2. First leaf and first bloom"
"$rastream" spring-index --catalog "$folder/catalog.json" --item na-1980 --out "$folder/spring.zarr" --memory 512MiB --chunk 200
echo
echo "3. Checked, and drawn"
"$rastream" verify "$folder/spring.zarr"
"$rastream" plot "$folder/spring.zarr" --group 1980 --variable first-leaf --facet plant --days --colormap spring \
  --title "First leaf 1980 (synthetic weather)" --out "$folder/first-leaf.png"
"$rastream" plot "$folder/spring.zarr" --group 1980 --variable first-bloom --sel plant=mean --days --colormap spring \
  --title "First bloom 1980, mean of three plants (synthetic weather)" --out "$folder/first-bloom.png"
echo "pictures: $folder/first-leaf.png $folder/first-bloom.png"
