#!/usr/bin/env bash
# verify-bundle.sh: does an evidence bundle hold? Without the software that made it.
#
#   bash verify-bundle.sh BUNDLE [KEY]
#
# BUNDLE  the ZIP, or the folder that it was unpacked to
# KEY     the signer's public key (PEM file) or its fingerprint (64 hex digits), received by another way
#         than the bundle; without it the answer is at best "signer not established"
#
# Exit codes: 0 it holds · 1 it does not · 2 not judged, or consistent but the signer is not established
# Needs bash, coreutils, diffutils, find, grep and openssl; for a ZIP also unzip, and room in TMPDIR for its content.
# Nothing is ever unpacked by unzip: it lists names and checks CRCs, the files are cut out by place and size.
#
# Every check ends in "|| broken": under "set -e" a failing "a && b" would pass in silence. No "grep -q" at the end of a
# pipe: it leaves early, and under pipefail the broken pipe would look like a failed check.

set -uo pipefail
export LC_ALL=C

FORMAT=(VERIFY.txt bagit.txt manifest-sha256.txt
  proof/signer.pub proof/statement.dsse.json proof/statement.pae proof/statement.sig)
NAME='(VERIFY\.txt|bagit\.txt|manifest-sha256\.txt|proof/(signer\.pub|statement\.(dsse\.json|pae|sig))|data(/[A-Za-z0-9._-]+)+)'
HEX='[0-9a-f]{64}'

broken() { printf '%s\nBROKEN\n' "$*"; exit 1; }
cannot() { printf '%s\n' "$*" >&2; exit 2; }
digest() { sha256sum < "$1" | cut -c1-64; }
step() { printf '%s\n' "$*"; }
printable() { head -n 1 <<< "$1" | tr -cd '[:print:]' | tr -s ' '; }

# --- 1 the container ---------------------------------------------------------------------------------------------

# Files of a bundle: no other names, none twice (whatever the case), none missing. Names come on standard input.
check_names() {
  local names bad
  names=$(cat)
  bad=$(grep -vxE "$NAME" <<< "$names") && broken "1 FAILED the container: $bad: is no file that a bundle may have"
  bad=$(grep -E '/\.{1,2}(/|$)' <<< "$names") && broken "1 FAILED the container: $bad: is a path, not a name"
  bad=$(grep -E '.{241}' <<< "$names") && broken "1 FAILED the container: $bad: is too long a name"
  bad=$(sort -f <<< "$names" | uniq -di)
  [ -z "$bad" ] || broken "1 FAILED the container: $bad: stands there twice"
  [ "$(wc -l <<< "$names")" -le 10000 ] || broken "1 FAILED the container: more than 10000 files"
  for bad in "${FORMAT[@]}"; do
    grep -qxF "$bad" <<< "$names" || broken "1 FAILED the container: $bad: is missing"
  done
}

# little-endian: value, number of bytes -> $le, as printf escapes
little() {
  local n byte; le=
  for ((n = 0; n < $2; n++)); do printf -v byte '\\x%02x' $((($1 >> 8 * n) & 255)); le+=$byte; done
}

# name, crc, size, offset -> $local_header, $central_header: the only ones that a bundle may have for this file
headers() {
  local name=$1 crc=$((16#$2)) size=$3 offset=$4 limit=$((16#ffffffff)) length n s c o lx='' cx='' lv='\x14\x00' cv
  little ${#name} 2; length=$le
  little "$crc" 4; c=$le
  little $((size < limit ? size : limit)) 4; s=$le
  little $((offset < limit ? offset : limit)) 4; o=$le
  if ((size >= limit)); then little "$size" 8; lx=$le$le cx=$le$le lv='\x2d\x00'; fi
  cv=$lv
  if ((offset >= limit)); then little "$offset" 8; cx+=$le cv='\x2d\x00'; fi
  [ -z "$lx" ] || lx='\x01\x00\x10\x00'$lx
  if [ -n "$cx" ]; then little $((${#cx} / 4)) 2; cx='\x01\x00'$le$cx; fi
  little $((${#lx} / 4)) 2; n=$le
  local_header="PK\\x03\\x04$lv\\x00\\x00\\x00\\x00\\x00\\x00\\x21\\x00$c$s$s$length$n$name$lx"
  local_size=$((30 + ${#name} + ${#lx} / 4))
  little $((${#cx} / 4)) 2; n=$le
  central_header="PK\\x01\\x02${cv%\\x00}\\x03$cv\\x00\\x00\\x00\\x00\\x00\\x00\\x21\\x00$c$s$s$length$n"
  central_header+="\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xa4\\x81$o$name$cx"
  central_size=$((46 + ${#name} + ${#cx} / 4))
}

# entries, size and offset of the central directory -> the records after it
end_records() {
  local count size offset=$3 limit=$((16#ffffffff)) entries
  little "$1" 2; entries=$le
  little "$2" 4; size=$le
  if ((offset >= limit)); then
    little "$1" 8; count=$le$le
    little "$2" 8; count+=$le
    little "$3" 8; count+=$le
    little $(($3 + $2)) 8
    printf '%b' "PK\\x06\\x06\\x2c\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x2d\\x03\\x2d\\x00" \
      "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00$count" "PK\\x06\\x07\\x00\\x00\\x00\\x00$le\\x01\\x00\\x00\\x00"
    offset=$limit
  fi
  little "$offset" 4
  printf '%b' "PK\\x05\\x06\\x00\\x00\\x00\\x00$entries$entries$size$le\\x00\\x00"
}

# The archive that these very files make, on standard output
rebuild() {
  local i
  for i in "${!names[@]}"; do
    printf '%b' "${locals[i]}"
    cat "$root/${names[i]}"
  done
  printf '%b' "$directory"
  end_records ${#names[@]} "$directory_size" "$end"
}

# Cuts the files out of the ZIP, then shows that the ZIP is, byte for byte, what these files make.
open_zip() {
  local line name
  command -v unzip > /dev/null || cannot 'unzip is needed to check a ZIP; unpack it by other means and give the folder'
  work=$(mktemp -d) || cannot 'no temporary folder'
  trap 'rm -rf "$work"' EXIT
  root=$work/bundle zip=$work/bundle.zip
  mkdir "$root" && ln -s "$(realpath "$bundle")" "$zip" || cannot 'no room for temporary files'
  unzip -qqv "$zip" > "$work/listing" 2> /dev/null || broken '1 FAILED the container: is no sound ZIP'
  names=() sizes=() crcs=() locals=() directory='' directory_size=0 end=0
  local form='^ *([0-9]{1,15})  Stored +[0-9]+ +0% [0-9-]+ [0-9:]+ ([0-9a-f]{8})  ([^ ]+)$'
  while IFS= read -r line; do
    [[ $line =~ $form ]] || broken "1 FAILED the container: not a plain stored file: $(printable "$line")"
    sizes+=("${BASH_REMATCH[1]}") crcs+=("${BASH_REMATCH[2]}") names+=("${BASH_REMATCH[3]}")
  done < "$work/listing"
  printf '%s\n' "${names[@]-}" | sort -C || broken '1 FAILED the container: its files are not in sorted order'
  check_names < <(printf '%s\n' "${names[@]-}") || exit 1
  cut_out
  rebuild | cmp -s - "$zip" || broken '1 FAILED the container: the ZIP holds something besides these files'
  unzip -tqq "$zip" manifest-sha256.txt 'proof/*' > /dev/null 2>&1 || broken '1 FAILED the container: a CRC is wrong'
}

cut_out() {
  local i name folder made=''
  for i in "${!names[@]}"; do
    name=${names[i]} folder=$root/${names[i]}
    folder=${folder%/*}
    [ "$name" != manifest-sha256.txt ] || archive_digest=$(printf '%b' "$directory" | sha256sum | cut -c1-64)
    headers "$name" "${crcs[i]}" "${sizes[i]}" "$end"
    locals+=("$local_header") directory+=$central_header directory_size=$((directory_size + central_size))
    [ "$folder" = "$made" ] || mkdir -p "$folder" 2> /dev/null ||
      broken "1 FAILED the container: $name: is a file and a folder"
    made=$folder
    tail -c +$((end + local_size + 1)) "$zip" 2> /dev/null | head -c "${sizes[i]}" > "$root/$name"
    end=$((end + local_size + sizes[i]))
  done
}

open_folder() {
  local odd
  root=$bundle archive_digest=
  odd=$(find "$root" ! -type d ! -type f) || cannot "cannot read $root"
  [ -z "$odd" ] || broken "1 FAILED the container: $odd: is a link or no plain file"
  odd=$(find "$root" -type d -empty)
  [ -z "$odd" ] || broken "1 FAILED the container: $odd: is an empty folder"
  check_names < <(cd "$root" && find . -type f | cut -c3-) || exit 1
}

# --- 2 the statement ---------------------------------------------------------------------------------------------

check_statement() {
  local length head start size kind='' found='' tail
  size=$(wc -c < proof/statement.pae)
  length=$(head -c 60 proof/statement.pae | tr -d '\0' | cut -d ' ' -f 4 -s | head -n 1)
  [[ $length =~ ^[1-9][0-9]{0,11}$ ]] || broken '2 FAILED the statement: proof/statement.pae: is no DSSE encoding'
  head="DSSEv1 28 application/vnd.in-toto+json $length "
  header=${#head}
  ((header + length == size)) || broken '2 FAILED the statement: proof/statement.pae: has another length than it says'
  head+='{"_type":"https://in-toto.io/Statement/v1","predicate":{"bag":{"VERIFY.txt":"'$(digest VERIFY.txt)
  head+='","bagit.txt":"'$(digest bagit.txt)'","directory":"'
  [ -n "$archive_digest" ] || archive_digest=$(tail -c +$((${#head} + 1)) proof/statement.pae | head -c 64 | tr -d '\0')
  [[ $archive_digest =~ ^$HEX$ ]] || broken '2 FAILED the statement: says nothing of the archive'
  head+=$archive_digest'","proof/signer.pub":"'$(digest proof/signer.pub)'"},"environment":"'
  head -c ${#head} proof/statement.pae | cmp -s - <(printf %s "$head") ||
    broken '2 FAILED the statement: is not about this VERIFY.txt, bagit.txt, archive and proof/signer.pub'
  for kind in collection results register decision review; do
    tail='Z"}},"predicateType":"https://airtight.dev/evidence/'$kind'/v1","subject":[{"digest":{"sha256":"'
    tail+=$(digest manifest-sha256.txt)'"},"name":"manifest-sha256.txt"}]}'
    tail -c ${#tail} proof/statement.pae | cmp -s - <(printf %s "$tail") && found=$kind
  done
  [ -n "$found" ] || broken '2 FAILED the statement: is not about this manifest-sha256.txt, or of no known kind'
  grep -aqF '"slot":{"kind":"'"$found"'","name":"' proof/statement.pae ||
    broken "2 FAILED the statement: its predicate type is $found, its slot is not"
  printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' | cmp -s - bagit.txt ||
    broken '2 FAILED the statement: bagit.txt: is not that of the format'
  step "2 ok     the statement: is about this manifest; $found"
}

# --- 3 the encodings ---------------------------------------------------------------------------------------------

check_encodings() {
  local payload signature
  openssl pkey -pubin -in proof/signer.pub 2> /dev/null | cmp -s - proof/signer.pub ||
    broken '3 FAILED the encodings: proof/signer.pub: is no public key in PEM and nothing else'
  is_p256 proof/signer.pub || broken '3 FAILED the encodings: proof/signer.pub: is not a P-256 key'
  own=$(fingerprint proof/signer.pub)
  payload=$(tail -c +$((header + 1)) proof/statement.pae | base64 | tr -d '\n')
  signature=$(base64 < proof/statement.sig | tr -d '\n')
  printf '{"payload":"%s","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"%s","sig":"%s"}]}' \
    "$payload" "$own" "$signature" | cmp -s - proof/statement.dsse.json ||
    broken '3 FAILED the encodings: proof/statement.dsse.json: is not the same statement and signature'
  step '3 ok     the encodings: both hold the same statement and signature'
}

fingerprint() { openssl pkey -pubin -in "$1" -outform DER 2> /dev/null | sha256sum | cut -c1-64; }
is_p256() { openssl pkey -pubin -in "$1" -noout -text 2> /dev/null | grep '^ASN1 OID: prime256v1' > /dev/null; }

# --- 4 the files -------------------------------------------------------------------------------------------------

check_files() {
  local odd
  [ -s manifest-sha256.txt ] && [ "$(tail -c 1 manifest-sha256.txt | wc -l)" -eq 1 ] ||
    broken '4 FAILED the files: manifest-sha256.txt: is empty or cut off'
  odd=$(grep -avxE "$HEX  data(/[A-Za-z0-9._-]+)+" manifest-sha256.txt)
  [ $? -eq 1 ] || broken "4 FAILED the files: manifest-sha256.txt: has another form at: $(printable "$odd")"
  cut -c 67- manifest-sha256.txt | sort -C -u || broken '4 FAILED the files: manifest-sha256.txt: is not sorted'
  odd=$(find data ! -type d | sort | diff - <(cut -c 67- manifest-sha256.txt) | grep '^[<>]')
  [ -z "$odd" ] || broken "4 FAILED the files: extra (<) or missing (>): $odd"
  odd=$(sha256sum --strict --quiet -c manifest-sha256.txt 2>&1) || broken "4 FAILED the files: $odd"
  step "4 ok     the files: $(wc -l < manifest-sha256.txt) files have their digests, and there is no other"
}

# --- 5, 6 the signature and the signer ---------------------------------------------------------------------------

check_signature() {
  local key=proof/signer.pub
  [ -z "$trusted_file" ] || key=$trusted_file
  openssl dgst -sha256 -verify "$key" -signature proof/statement.sig proof/statement.pae > /dev/null 2>&1 ||
    broken "5 FAILED the signature: proof/statement.sig: is no signature of key $(fingerprint "$key")"
  # openssl reads no more than the longest signature: bytes behind one of that length would pass it
  (($(od -An -tu1 -j1 -N1 proof/statement.sig) + 2 == $(wc -c < proof/statement.sig))) ||
    broken '5 FAILED the signature: proof/statement.sig: holds more than a signature'
  step "5 ok     the signature: is that of key $(fingerprint "$key")"
  if [ -z "$trusted" ]; then
    step "6 -      the signer: unknown; the bundle's own key, $own, proves nothing"
    step 'SIGNER NOT ESTABLISHED'
    exit 2
  fi
  [ "$own" = "$trusted" ] || broken "6 FAILED the signer: the bundle names key $own, the trusted one is $trusted"
  step '6 ok     the signer: is the one you trust'
  step "HOLDS $(digest proof/statement.pae)"
}

# The trusted key: a fingerprint, or a PEM file whose fingerprint it is
read_trust() {
  trusted='' trusted_file=''
  [ -n "$1" ] || return 0
  trusted=$(printf %s "$1" | tr -d : | tr A-F a-f)
  [[ $trusted =~ ^$HEX$ ]] && return 0
  [ -f "$1" ] && [ -r "$1" ] || cannot "$1: is neither a file nor a fingerprint of 64 hex digits"
  is_p256 "$1" || cannot "$1: is no P-256 public key in PEM"
  trusted_file=$(realpath "$1")
  trusted=$(fingerprint "$1")
}

bundle=${1:-}
[ $# -le 2 ] && [ -n "$bundle" ] || cannot 'usage: bash verify-bundle.sh BUNDLE [KEY.pem | FINGERPRINT]'
for tool in sha256sum openssl find grep cmp diff base64 realpath; do
  command -v "$tool" > /dev/null || cannot "$tool is needed"
done
[ -r "$bundle" ] || cannot "$bundle: is not there or cannot be read"
read_trust "${2:-}"
if [ -d "$bundle" ]; then open_folder; else open_zip; fi
cd "$root" || cannot "cannot enter $root"
step '1 ok     the container: plain files, each once, none outside the format'
check_statement
check_encodings
check_files
check_signature
