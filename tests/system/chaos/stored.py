"""All that a registration stores of a medium, as digests, to compare one reading of it with another."""

from __future__ import annotations

from typing import Final

FINGERPRINT: Final = """
SELECT encode(a.sha256, 'hex') AS sha256, json_build_object(
    'medium', md5(concat_ws(',', a.kind, a.duration_s, a.width, a.height, a.bytes, a.notes)),
    'frames', (SELECT md5(string_agg(
                   concat_ws(',', f.time_s, f.duration_s, f.quality, f.view, f.phash256, f.pdq),
                   ';' ORDER BY f.time_s, f.view, f.pdq))
               FROM frame_fingerprint f WHERE f.asset_no = a.asset_no),
    'vectors', (SELECT md5(string_agg(concat_ws(',', v.time_s, v.view, v.quality, v.model, v.sscd), ';'
                                      ORDER BY v.time_s, v.view, v.sscd::text))
                FROM frame_vector v WHERE v.asset_id = a.asset_id),
    'faces', (SELECT md5(string_agg(
                  concat_ws(',', f.time_s, f.track, f.box, f.pixels, f.score, f.quality, f.embedding,
                            f.expression),
                  ';' ORDER BY f.time_s, f.track, f.box))
              FROM face_fingerprint f WHERE f.asset_id = a.asset_id),
    'sound', (SELECT md5(concat_ws(',', chromaprint, peaks, keys)) FROM audio_fingerprint v
              WHERE v.asset_id = a.asset_id),
    'algorithms', (SELECT string_agg(g.algorithm, ' ' ORDER BY g.algorithm)
                   FROM asset_algorithm g WHERE g.asset_id = a.asset_id
                     AND g.algorithm NOT IN ('videohash.1', 'iscc.1'))) AS parts
FROM asset a
"""
"""By medium: its sha256, and `parts`, digests by table. A row that is missing, there twice or otherwise
changes one."""
