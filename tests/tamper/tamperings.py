"""Every way to tamper with a bundle that we could think of; each returns what an auditor would be handed.

``CONTAINER`` tampers with the archive and leaves the files alone; ``FILES`` tampers with files, once in the archive and
once unpacked; ``SIGNED`` is what a faulty or dishonest holder of the right key could make, the archive in good form;
``FOLDER`` is only possible unpacked.
"""

from __future__ import annotations

import base64
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workshop import Files, Workshop, central_at, entry, local_at, members_of, patched, sha256, sign_files, zip_of

from airtight.seal.layout import BAGIT, DSSE, MANIFEST, PAE, SIGNATURE, SIGNER, VERIFY
from airtight.seal.pae import parse_pae
from airtight.seal.signers import PublicKey

POPULATION = "data/populations/okta-users/accounts.parquet"
QUALITY = "data/quality/okta-users.accounts.json"

CONTAINER: dict[str, Callable[[Workshop], bytes]] = {}
FILES: dict[str, Callable[[Workshop], Files]] = {}
SIGNED: dict[str, Callable[[Workshop], Files]] = {}
FOLDER: dict[str, Callable[[Path], None]] = {}


def container(tampering: Callable[[Workshop], bytes]) -> Callable[[Workshop], bytes]:
    CONTAINER[tampering.__name__] = tampering
    return tampering


def files(tampering: Callable[[Workshop], Files]) -> Callable[[Workshop], Files]:
    FILES[tampering.__name__] = tampering
    return tampering


def signed(tampering: Callable[[Workshop], Files]) -> Callable[[Workshop], Files]:
    SIGNED[tampering.__name__] = tampering
    return tampering


def folder(tampering: Callable[[Path], None]) -> Callable[[Path], None]:
    FOLDER[tampering.__name__] = tampering
    return tampering


def with_member(shop: Workshop, info: zipfile.ZipInfo, content: bytes) -> bytes:
    """The good archive with one more member, in its sorted place."""
    members = [*members_of(shop.files), (info, content)]
    return zip_of(sorted(members, key=lambda member: member[0].filename))


def changed_member(shop: Workshop, name: str, change: Callable[[zipfile.ZipInfo], object]) -> bytes:
    """The good archive with one member described otherwise."""
    members = members_of(shop.files)
    for info, _ in members:
        if info.filename == name:
            change(info)
    return zip_of(members)


# --- the archive ----------------------------------------------------------------------------------------------------


@container
def data_after_the_archive(shop):
    return shop.raw + b"more"


@container
def a_second_archive_after_the_first(shop):
    return shop.raw + shop.other.read_bytes()


@container
def data_before_the_archive(shop):
    return b"#!/bin/sh\n" + shop.raw


@container
def data_before_the_archive_with_mended_offsets(shop):
    stub = b"#!/bin/sh\n"
    raw = stub + shop.raw
    for name in shop.files:
        at = central_at(raw, name) + 42
        raw = patched(raw, at, "<I", struct.unpack_from("<I", raw, at)[0] + len(stub))
    return patched(raw, len(raw) - 6, "<I", struct.unpack_from("<I", raw, len(raw) - 6)[0] + len(stub))


@container
def last_byte_cut_off(shop):
    return shop.raw[:-1]


@container
def second_half_cut_off(shop):
    return shop.raw[: len(shop.raw) // 2]


@container
def empty_file(shop):
    return b""


@container
def no_archive_at_all(shop):
    return b"this is a letter, not a bundle\n" * 10


@container
def archive_comment(shop):
    return patched(shop.raw, len(shop.raw) - 2, "<H", 5) + b"hello"


@container
def end_record_inside_the_comment(shop):
    """Two readers, two archives: one starts from the last end record, one from the first."""
    end = shop.raw[-22:]
    return patched(shop.raw, len(shop.raw) - 2, "<H", 22) + end


@container
def entry_duplicated(shop):
    return zip_of([*members_of(shop.files), (entry(QUALITY), b"{}")])


@container
def entry_duplicated_in_place(shop):
    return with_member(shop, entry(QUALITY), b"{}")


@container
def entry_duplicated_in_another_case(shop):
    return with_member(shop, entry(QUALITY.replace("okta", "Okta")), b"{}")


@container
def entry_listed_twice(shop):
    at = central_at(shop.raw, SIGNATURE)
    record = shop.raw[at:-22]
    end = struct.pack("<HHI", len(shop.files) + 1, len(shop.files) + 1, _directory_size(shop) + len(record))
    return shop.raw[:-22] + record + shop.raw[-22:-14] + end + shop.raw[-6:]


@container
def member_hidden_from_the_directory(shop):
    """Present for a reader that walks local headers, absent for one that reads the directory."""
    raw = with_member(shop, entry("data/hidden.txt"), b"hidden")
    at = central_at(raw, "data/hidden.txt")
    length = 46 + len("data/hidden.txt")
    size = struct.unpack_from("<I", raw, len(raw) - 10)[0] - length
    end = struct.pack("<HHI", len(shop.files), len(shop.files), size)
    return raw[:at] + raw[at + length : -14] + end + raw[-6:]


@container
def symbolic_link_in_place_of_a_file(shop):
    return changed_member(shop, QUALITY, lambda info: setattr(info, "external_attr", 0o120777 << 16))


@container
def symbolic_link_added(shop):
    link = entry("data/zz-link")
    link.external_attr = 0o120777 << 16
    return with_member(shop, link, b"/etc/passwd")


@container
def path_that_leaves_the_folder(shop):
    return with_member(shop, entry("data/../../outside.txt"), b"outside")


@container
def path_that_stays_by_a_detour(shop):
    return with_member(shop, entry("data/quality/../../data/detour.txt"), b"detour")


@container
def absolute_path(shop):
    return with_member(shop, entry("/tmp/outside.txt"), b"outside")


@container
def backslashes_in_a_name(shop):
    return with_member(shop, entry("data\\windows.txt"), b"outside")


@container
def newline_in_a_name(shop):
    return with_member(shop, entry("data/a\nVERIFY.txt"), b"two lines")


@container
def space_in_a_name(shop):
    return with_member(shop, entry("data/a b.txt"), b"blank")


@container
def name_that_is_no_ascii(shop):
    return with_member(shop, entry("data/évidence.txt"), b"accent")


@container
def folder_entry(shop):
    return with_member(shop, entry("data/"), b"")


@container
def compressed_member(shop):
    return changed_member(shop, QUALITY, lambda info: setattr(info, "compress_type", zipfile.ZIP_DEFLATED))


@container
def bomb(shop):
    info = entry("data/bomb.bin")
    info.compress_type = zipfile.ZIP_DEFLATED
    return with_member(shop, info, bytes(64 << 20))


@container
def bomb_that_says_it_is_stored(shop):
    """The directory says stored and small; the local header says compressed."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = packed.compress(bytes(8 << 20)) + packed.flush()
    raw = with_member(shop, entry("data/bomb.bin"), content)
    return patched(raw, local_at(raw, "data/bomb.bin") + 8, "<H", 8)


@container
def size_beyond_the_archive(shop):
    raw = shop.raw
    for at in (central_at(raw, POPULATION) + 20, local_at(raw, POPULATION) + 18):
        raw = patched(patched(raw, at, "<I", 0xFFFFFFF0), at + 4, "<I", 0xFFFFFFF0)
    return raw


@container
def encrypted_flag(shop):
    raw = patched(shop.raw, central_at(shop.raw, QUALITY) + 8, "<H", 1)
    return patched(raw, local_at(raw, QUALITY) + 6, "<H", 1)


@container
def encrypted_flag_in_the_local_header_only(shop):
    return patched(shop.raw, local_at(shop.raw, QUALITY) + 6, "<H", 1)


@container
def data_descriptor_flag(shop):
    raw = patched(shop.raw, central_at(shop.raw, QUALITY) + 8, "<H", 8)
    return patched(raw, local_at(raw, QUALITY) + 6, "<H", 8)


@container
def other_name_in_the_local_header(shop):
    return patched(shop.raw, local_at(shop.raw, QUALITY) + 30, "<4s", b"DATA")


@container
def other_name_in_the_directory(shop):
    return patched(shop.raw, central_at(shop.raw, QUALITY) + 46 + len("data/quality/"), "<4s", b"zkta")


@container
def other_size_in_the_local_header(shop):
    return patched(shop.raw, local_at(shop.raw, QUALITY) + 18, "<I", 1)


@container
def wrong_crc_of_evidence(shop):
    raw = patched(shop.raw, central_at(shop.raw, QUALITY) + 16, "<I", 7)
    return patched(raw, local_at(raw, QUALITY) + 14, "<I", 7)


@container
def wrong_crc_of_the_signature(shop):
    raw = patched(shop.raw, central_at(shop.raw, SIGNATURE) + 16, "<I", 7)
    return patched(raw, local_at(raw, SIGNATURE) + 14, "<I", 7)


@container
def gap_between_members(shop):
    at = local_at(shop.raw, QUALITY)
    raw = shop.raw[:at] + b"hidden in the gap" + shop.raw[at:]
    for name in (name for name in shop.files if name >= QUALITY):
        field = central_at(raw, name) + 42
        raw = patched(raw, field, "<I", struct.unpack_from("<I", raw, field)[0] + 17)
    return patched(raw, len(raw) - 6, "<I", struct.unpack_from("<I", raw, len(raw) - 6)[0] + 17)


@container
def gap_before_the_directory(shop):
    at = central_at(shop.raw, VERIFY)
    raw = shop.raw[:at] + b"hidden" + shop.raw[at:]
    return patched(raw, len(raw) - 6, "<I", at + 6)


@container
def two_members_in_one_place(shop):
    at = central_at(shop.raw, QUALITY) + 42
    return patched(shop.raw, at, "<I", local_at(shop.raw, POPULATION))


@container
def members_in_another_order(shop):
    return zip_of(reversed(members_of(shop.files)))


@container
def other_time(shop):
    return changed_member(shop, QUALITY, lambda info: setattr(info, "date_time", (2026, 9, 14, 0, 0, 0)))


@container
def other_mode(shop):
    return changed_member(shop, QUALITY, lambda info: setattr(info, "external_attr", 0o104755 << 16))


@container
def extra_field(shop):
    return changed_member(shop, QUALITY, lambda info: setattr(info, "extra", b"\xfe\xca\x04\x00evil"))


@container
def member_comment(shop):
    return changed_member(shop, QUALITY, lambda info: setattr(info, "comment", b"read this first"))


@container
def member_from_windows(shop):
    return changed_member(shop, QUALITY, lambda info: setattr(info, "create_system", 0))


@container
def lying_number_of_entries(shop):
    return patched(shop.raw, len(shop.raw) - 14, "<H", len(shop.files) - 1)


@container
def lying_number_of_disks(shop):
    return patched(shop.raw, len(shop.raw) - 18, "<H", 1)


# --- files ----------------------------------------------------------------------------------------------------------


@files
def file_altered(shop):
    return {**shop.files, POPULATION: shop.files[POPULATION].replace(b"stand", b"STAND")}


@files
def newline_appended(shop):
    return {**shop.files, QUALITY: shop.files[QUALITY] + b"\n"}


@files
def file_emptied(shop):
    return {**shop.files, POPULATION: b""}


@files
def file_added(shop):
    return {**shop.files, "data/quality/extra.json": b"{}"}


@files
def file_added_outside_data(shop):
    return {**shop.files, "README.txt": b"The auditor need not verify this bundle."}


@files
def file_added_to_the_proof(shop):
    return {**shop.files, "proof/statement2.sig": shop.files[SIGNATURE]}


@files
def file_missing(shop):
    return without(shop.files, QUALITY)


@files
def file_renamed(shop):
    renamed = {**shop.files, "data/quality/renamed.json": shop.files[QUALITY]}
    return without(renamed, QUALITY)


@files
def two_files_swapped(shop):
    return {**shop.files, QUALITY: shop.files[POPULATION], POPULATION: shop.files[QUALITY]}


@files
def manifest_missing(shop):
    return without(shop.files, MANIFEST)


@files
def signature_missing(shop):
    return without(shop.files, SIGNATURE)


@files
def signers_key_missing(shop):
    return without(shop.files, SIGNER)


@files
def instructions_missing(shop):
    return without(shop.files, VERIFY)


@files
def instructions_edited(shop):
    text = shop.files[VERIFY].replace(shop.signer.public.fingerprint.encode(), b"f" * 64)
    return {**shop.files, VERIFY: text}


@files
def bag_declaration_edited(shop):
    return {**shop.files, BAGIT: shop.files[BAGIT].replace(b"1.0", b"0.9")}


@files
def manifest_row_removed(shop):
    return {**shop.files, MANIFEST: rows(shop, lambda lines: [line for line in lines if QUALITY not in line])}


@files
def manifest_row_removed_with_its_file(shop):
    kept = rows(shop, lambda lines: [line for line in lines if QUALITY not in line])
    return without({**shop.files, MANIFEST: kept}, QUALITY)


@files
def manifest_row_edited_with_its_file(shop):
    altered = shop.files[QUALITY].replace(b"false", b"true ")
    edited = shop.files[MANIFEST].replace(sha256(shop.files[QUALITY]), sha256(altered))
    return {**shop.files, QUALITY: altered, MANIFEST: edited}


@files
def manifest_with_upper_case_digests(shop):
    return {**shop.files, MANIFEST: upper(shop.files[MANIFEST])}


@files
def manifest_with_windows_line_ends(shop):
    return {**shop.files, MANIFEST: shop.files[MANIFEST].replace(b"\n", b"\r\n")}


@files
def manifest_in_another_order(shop):
    return {**shop.files, MANIFEST: rows(shop, lambda lines: lines[::-1])}


@files
def manifest_emptied(shop):
    return {**shop.files, MANIFEST: b""}


@files
def manifest_of_another_bundle(shop):
    return {**shop.files, MANIFEST: shop.other_files[MANIFEST]}


@files
def statement_of_another_bundle(shop):
    return {**shop.files, **{name: shop.other_files[name] for name in (PAE, DSSE, SIGNATURE)}}


@files
def payload_of_another_bundle(shop):
    mine = {name: content for name, content in shop.files.items() if not name.startswith("data/")}
    return {**mine, **{name: content for name, content in shop.other_files.items() if name.startswith("data/")}}


@files
def signature_of_another_bundle(shop):
    return with_signature(shop, shop.other_files[SIGNATURE])


@files
def signature_with_a_flipped_bit(shop):
    return with_signature(shop, shop.files[SIGNATURE][:-1] + bytes([shop.files[SIGNATURE][-1] ^ 1]))


@files
def signature_emptied(shop):
    return with_signature(shop, b"")


@files
def signature_with_bytes_behind_it(shop):
    return with_signature(shop, shop.files[SIGNATURE] + b"\0")


@files
def longest_signature_with_bytes_behind_it(shop):
    """openssl dgst reads 72 bytes of a P-256 signature and no more."""
    signature = b""
    while len(signature) != 72:
        signature = shop.signer.sign(shop.files[PAE])
    return with_signature(shop, signature + b"hidden")


@files
def signature_in_openssl_only_swapped(shop):
    return {**shop.files, SIGNATURE: shop.signer.sign(shop.files[PAE])}


@files
def statement_edited(shop):
    return edited_statement(shop, lambda statement: statement.replace(b'"rows":3', b'"rows":2'))


@files
def statement_edited_in_the_signed_bytes_only(shop):
    return {**shop.files, PAE: shop.files[PAE].replace(b'"rows":3', b'"rows":2')}


@files
def statement_edited_in_the_envelope_only(shop):
    other = edited_statement(shop, lambda statement: statement.replace(b'"rows":3', b'"rows":2'))
    return {**shop.files, DSSE: other[DSSE]}


@files
def envelope_with_a_second_signature(shop):
    envelope = shop.files[DSSE].replace(b'"signatures":[', b'"signatures":[{"keyid":"","sig":""},')
    return {**shop.files, DSSE: envelope}


@files
def envelope_with_white_space(shop):
    return {**shop.files, DSSE: shop.files[DSSE] + b"\n"}


@files
def signed_bytes_with_white_space(shop):
    return {**shop.files, PAE: shop.files[PAE] + b"\n"}


@files
def signed_bytes_with_another_length(shop):
    return {**shop.files, PAE: shop.files[PAE].replace(b"in-toto+json 1", b"in-toto+json 2", 1)}


@files
def key_swapped_in_the_bundle(shop):
    return {**shop.files, SIGNER: shop.stranger.public.pem}


@files
def key_with_text_before_it(shop):
    return {**shop.files, SIGNER: b"trust me\n" + shop.files[SIGNER]}


@files
def signed_anew_by_a_stranger(shop):
    """The whole bundle is sound, and not the signer's."""
    altered = {**shop.files, POPULATION: b"invented"}
    manifest = altered[MANIFEST].replace(sha256(shop.files[POPULATION]), sha256(b"invented"))
    return shop.forge({**altered, MANIFEST: manifest}, signer=shop.stranger)


@files
def signed_anew_by_a_stranger_under_the_signers_name(shop):
    forged = shop.forge(shop.files, signer=shop.stranger)
    return {**forged, SIGNER: shop.files[SIGNER]}


# --- signed by the right key ----------------------------------------------------------------------------------------


@signed
def other_predicate_type(shop):
    return shop.forge(shop.files, edit=lambda s: s.replace(b"evidence/collection/v1", b"evidence/opinion/v1"))


@signed
def predicate_type_of_another_kind(shop):
    return shop.forge(shop.files, edit=lambda s: s.replace(b"evidence/collection/v1", b"evidence/results/v1"))


@signed
def predicate_type_of_a_later_version(shop):
    return shop.forge(shop.files, edit=lambda s: s.replace(b"evidence/collection/v1", b"evidence/collection/v2"))


@signed
def no_in_toto_statement(shop):
    return shop.forge(shop.files, edit=lambda s: s.replace(b"in-toto.io/Statement/v1", b"in-toto.io/Statement/v0"))


@signed
def two_subjects(shop):
    second = b'},{"digest":{"sha256":"' + b"0" * 64 + b'"},"name":"manifest-sha256.txt"}]}'
    return shop.forge(shop.files, edit=lambda s: s.removesuffix(b"}]}") + second)


@signed
def subject_of_another_name(shop):
    return shop.forge(shop.files, edit=lambda s: s.replace(b'"name":"manifest-sha256.txt"', b'"name":"manifest.txt"'))


@signed
def digest_of_the_manifest_elsewhere_in_the_statement(shop):
    """A search for the digest anywhere would find it; the subject is another manifest's."""
    own = sha256(shop.files[MANIFEST])
    subject = b'"subject":[{"digest":{"sha256":"'
    return shop.forge(
        shop.files,
        edit=lambda s: s.replace(subject + own, subject + b"0" * 64).replace(b"Acm\xc3\xa9 Lending", own),
    )


@signed
def manifest_signed_with_upper_case_digests(shop):
    return shop.forge({**shop.files, MANIFEST: upper(shop.files[MANIFEST])})


@signed
def manifest_signed_with_windows_line_ends(shop):
    return shop.forge({**shop.files, MANIFEST: shop.files[MANIFEST].replace(b"\n", b"\r\n")})


@signed
def manifest_signed_in_another_order(shop):
    return shop.forge({**shop.files, MANIFEST: rows(shop, lambda lines: lines[::-1])})


@signed
def manifest_signed_with_a_row_twice(shop):
    return shop.forge({**shop.files, MANIFEST: rows(shop, lambda lines: [lines[0], *lines])})


@signed
def manifest_signed_without_its_last_newline(shop):
    return shop.forge({**shop.files, MANIFEST: shop.files[MANIFEST].removesuffix(b"\n")})


@signed
def manifest_signed_with_a_file_that_is_missing(shop):
    return shop.forge(without(shop.files, QUALITY))


@signed
def file_signed_for_outside_the_manifest(shop):
    return shop.forge({**shop.files, "data/extra.json": b"{}"})


@signed
def bag_declaration_signed_in_another_version(shop):
    return shop.forge({**shop.files, BAGIT: shop.files[BAGIT].replace(b"1.0", b"0.9")})


@signed
def signed_for_other_instructions(shop):
    return {**shop.forge({**shop.files, VERIFY: b"Trust us."}), VERIFY: shop.files[VERIFY]}


@signed
def key_signed_with_text_before_it(shop):
    pem = b"trust me\n" + shop.files[SIGNER]
    forged = shop.forge(shop.files, edit=lambda s: s.replace(sha256(shop.files[SIGNER]), sha256(pem)))
    return {**forged, SIGNER: pem}


@signed
def payload_type_that_is_not_in_toto(shop):
    statement = parse_pae(shop.files[PAE])
    pae = b"DSSEv1 28 application/vnd.in-tutu+json %d %s" % (len(statement), statement)
    return {**shop.files, PAE: pae, SIGNATURE: shop.signer.sign(pae)}


@signed
def signed_bytes_that_lie_about_their_length(shop):
    pae = shop.files[PAE].replace(b"in-toto+json 1", b"in-toto+json 2", 1)
    signature = shop.signer.sign(pae)
    old, new = (base64.b64encode(value) for value in (shop.files[SIGNATURE], signature))
    return {**shop.files, PAE: pae, SIGNATURE: signature, DSSE: shop.files[DSSE].replace(old, new)}


# --- unpacked -------------------------------------------------------------------------------------------------------


@folder
def link_in_place_of_a_file(root):
    (root / QUALITY).rename(root.parent / "elsewhere.json")
    (root / QUALITY).symlink_to(root.parent / "elsewhere.json")


@folder
def link_added(root):
    (root / "data" / "link").symlink_to("/etc/passwd")


@folder
def folder_replaced_by_a_link(root):
    (root / "data" / "quality").rename(root.parent / "quality")
    (root / "data" / "quality").symlink_to(root.parent / "quality")


@folder
def dangling_link_added(root):
    (root / "data" / "link").symlink_to("nowhere")


@folder
def pipe_added(root):
    os.mkfifo(root / "data" / "pipe")


@folder
def empty_folder_added(root):
    (root / "data" / "nothing").mkdir()


@folder
def file_with_a_newline_in_its_name(root):
    (root / "data" / "a\nb").write_text("two lines")


@folder
def hidden_file_added(root):
    (root / ".DS_Store").write_text("left by a file manager")


@dataclass(frozen=True)
class Replay:
    """A forger without the key: whatever is to be signed, it gives a signature that exists already."""

    public: PublicKey
    signature: bytes

    def sign(self, payload: bytes) -> bytes:
        return self.signature


def without(members: Files, name: str) -> Files:
    return {other: content for other, content in members.items() if other != name}


def rows(shop: Workshop, change: Callable[[list[str]], list[str]]) -> bytes:
    return "".join(change(shop.files[MANIFEST].decode().splitlines(keepends=True))).encode()


def upper(manifest: bytes) -> bytes:
    return b"".join(line[:64].upper() + line[64:] for line in manifest.splitlines(keepends=True))


def with_signature(shop: Workshop, signature: bytes) -> Files:
    """Both encodings say the same, so that only the check of the signature itself can object."""
    return sign_files(shop.files, parse_pae(shop.files[PAE]), Replay(shop.signer.public, signature))


def edited_statement(shop: Workshop, edit: Callable[[bytes], bytes]) -> Files:
    """Both encodings hold the edited statement under the old signature."""
    statement = edit(parse_pae(shop.files[PAE]))
    return sign_files(shop.files, statement, Replay(shop.signer.public, shop.files[SIGNATURE]))


def _directory_size(shop: Workshop) -> int:
    size: int = struct.unpack_from("<I", shop.raw, len(shop.raw) - 10)[0]
    return size
