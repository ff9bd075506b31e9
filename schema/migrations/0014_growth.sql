-- Room for ten million frames: hashes in narrow rows of their own, found by wider keys, apart from the vectors.
CREATE FUNCTION phash256_bands(w0 bigint, w1 bigint, w2 bigint, w3 bigint) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN ARRAY[
        hashint8((w1 & 17179869192) # (w2 & 9218443060512768) # (w3 & 6129399162108118018) # -7046029254386353131),
        hashint8((w0 & 8589934592) # (w2 & -9222809086896077180) # (w3 & 2305843009448583465) # 4354685564936845354),
        hashint8((w0 & 293296942921285648) # (w1 & 1407651908946049) # (w2 & 2449993381661638912) # (w3 & 4194304) # -2691343689449507777),
        hashint8((w2 & 1677721634) # (w3 & -8608028120716099580) # 8709371129873690708),
        hashint8((w2 & 36029449873788928) # (w3 & 18084933684691008) # 1663341875487337577),
        hashint8((w0 & 8071664397379961868) # (w1 & 576504732820504576) # (w2 & 18014398509481984) # -5382687378899015554),
        hashint8((w0 & 68719476864) # (w1 & 4634767103956877568) # (w2 & 576465150358323264) # (w3 & 9306266434275840) # 6018027440424182931),
        hashint8((w0 & 146375958465617920) # (w1 & 288247976927724544) # (w2 & 5765735896842240000) # (w3 & 16) # -1028001813962170200),
        hashint8((w1 & 2251799813685248) # (w2 & 288230404102578200) # (w3 & 144315204636800) # -8074031068348523331),
        hashint8((w0 & 274878070816) # (w1 & -6881495828276445182) # (w2 & 6756498952683520) # (w3 & 73184043700649992) # 3326683750974675154),
        hashint8((w0 & 549756142082) # (w1 & 1153062276658516064) # (w2 & 4294967296) # (w3 & 144123984168878080) # -3719345503411677977),
        hashint8((w0 & 36176131649439745) # (w1 & 9008299303247892) # (w2 & 72356661469118464) # 7681369315911520508),
        hashint8((w0 & 2097168) # (w1 & 90071992555799202) # (w2 & 5664958784226305) # (w3 & 5764888998010945536) # 635340061525167377),
        hashint8((w0 & -9122849185849143232) # (w1 & 73187316465664) # (w2 & 8796093022208) # -6410689192861185754),
        hashint8((w0 & 8589934720) # (w1 & 2305843013508792320) # (w2 & 70575045738496) # (w3 & 288241371284804672) # 4990025626462012731),
        hashint8((w0 & -6313897142901521152) # (w1 & 144150991193243648) # -2056003627924340400),
        hashint8((w2 & 36592339695734816) # (w3 & 18014420859355648) # -9102032882310693531),
        hashint8((w2 & 67109388) # (w3 & -6879102735686295263) # 2298681937012504954),
        hashint8((w0 & 36029363955171840) # (w1 & 1153062413898088769) # (w2 & 7494271254921216000) # (w3 & 144115188075855888) # -4747347317373848177),
        hashint8((w0 & 7061065288384512) # (w1 & 1099587166228) # (w2 & 1297036692682702849) # 6653367501949350308),
        hashint8((w0 & 72620550500917324) # (w1 & 10133107885808640) # (w2 & 256) # (w3 & 4194304) # -392661752437002823),
        hashint8((w0 & 288230479231352835) # (w1 & -9221102369977139200) # (w2 & 7696614948864) # (w3 & 9007199254808576) # -7438691006823355954),
        hashint8((w0 & 35184652126464) # (w1 & 864768095930023936) # (w2 & 18031990695526400) # 3962023812499842531),
        hashint8((w0 & 5206232779246800896) # (w1 & 144441264410984960) # -3084005441886510600),
        hashint8((w0 & -1152463008085027840) # (w1 & 36028797018963972) # (w2 & 72066390130950144) # 8316709377436687885),
        hashint8((w1 & 8) # (w2 & 9147940505583762) # (w3 & 576461989262671876) # 1270680123050334754),
        hashint8((w0 & 144115462953762848) # (w1 & 4684306579598622720) # (w2 & -8932889856323870720) # (w3 & 5647160439734272) # -5775349131336018377),
        hashint8((w0 & 290482313404350465) # (w1 & 4733283210513874944) # (w2 & 17448569152) # (w3 & 70368744308738) # 5625365687987180108),
        hashint8((w0 & 8589934592) # (w1 & 262144) # (w2 & 70506216688640) # (w3 & 595075795631734912) # -1420663566399173023),
        hashint8((w0 & 729607331842623564) # (w1 & 1197369253232640) # -8466692820785526154),
        hashint8((w0 & 1688849954717696) # (w1 & 576469548431607296) # (w2 & 4629718009122914304) # 2934021998537672331),
        hashint8((w0 & 131104) # (w1 & 2308099207078084610) # (w2 & 591098825481945088) # (w3 & 288529443582902784) # -4112007255848680800),
        hashint8((w0 & 1153000670686085376) # (w1 & 142980006555664) # (w2 & 72057594037927937) # 7288707563474517685),
        hashint8((w0 & 34359738386) # (w1 & -9200853609218965504) # (w2 & 4952097292288) # (w3 & 145241087982770176) # 242678309088164554)
    ];
END $$;
COMMENT ON FUNCTION phash256_bands(bigint, bigint, bigint, bigint) IS
    'A key for each of 34 choices of 19 of the 256 bits: those at which real edits change little together, and so on up to those that change much. Plain SQL would take three times as long.';
CREATE FUNCTION phash256_keys(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN phash256_bands(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint);
COMMENT ON FUNCTION phash256_keys(bit) IS
    'What a hash is found by (covering codes on chosen bits, after Norouzi et al., 2012): hashes that share a key are compared.';

CREATE FUNCTION pdq_bands(w0 bigint, w1 bigint, w2 bigint, w3 bigint) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN ARRAY[
        hashint8((w0 & 9007199254740992) # (w1 & 145241087982769154) # (w2 & 2254273715906564) # (w3 & 5476377284321476736) # -7046029254386353131),
        hashint8((w0 & 4194336) # (w1 & 9009468079604105) # (w2 & 292909897907961856) # (w3 & -9223372036183687168) # 4354685564936845354),
        hashint8((w1 & 4) # (w2 & 18014467228958849) # (w3 & 156510017367965794) # -2691343689449507777),
        hashint8((w0 & 4615346521278251008) # (w1 & 18172728183882240) # (w2 & 2147483648) # 8709371129873690708),
        hashint8((w0 & 90076390627480068) # (w1 & 4785108963819584) # (w2 & -6917527928062328800) # (w3 & 141287244169216) # 1663341875487337577),
        hashint8((w0 & 34359738368) # (w1 & 1108102088736) # (w2 & 1298725560259707392) # (w3 & 90177546737451008) # -5382687378899015554),
        hashint8((w0 & 1152930300700918848) # (w1 & -8250558761700163584) # (w2 & 1073741824) # (w3 & 2305843009213693952) # 6018027440424182931),
        hashint8((w0 & 4505801872720008) # (w1 & 275347841024) # (w2 & 36033195065475072) # -1028001813962170200),
        hashint8((w2 & 9367976541717512) # (w3 & 1158005727986450436) # -8074031068348523331),
        hashint8((w0 & -8178272765636247534) # (w1 & 6920356971564498944) # 3326683750974675154),
        hashint8((w2 & 549919523152) # (w3 & 285875205067265) # -3719345503411677977),
        hashint8((w1 & 70368745488400) # (w2 & 4683761217536262144) # (w3 & 36031288102161672) # 7681369315911520508),
        hashint8((w0 & 2306406518611804417) # (w1 & 1152921644193300480) # (w2 & 576460786663231488) # (w3 & 8192) # 635340061525167377),
        hashint8((w0 & 8180366580000900) # (w1 & 612489554154274816) # (w2 & 1073741824) # -6410689192861185754),
        hashint8((w0 & 256) # (w1 & 144117387100160072) # (w2 & 4612253366429681698) # (w3 & 72057594574831760) # 4990025626462012731),
        hashint8((w2 & 12919014416) # (w3 & 9026165852686368) # -2056003627924340400),
        hashint8((w0 & 5764621889838399522) # (w1 & 17179869184) # (w2 & 36169536654802944) # (w3 & 2305843009213702144) # -9102032882310693531),
        hashint8((w0 & 33816576) # (w1 & 379033093120) # (w2 & 2594074502326394880) # (w3 & -9223371486964744192) # 2298681937012504954),
        hashint8((w0 & 18014398526264320) # (w1 & 8388866) # (w2 & -9218867853111853056) # (w3 & 5476766374032310272) # -4747347317373848177),
        hashint8((w0 & 577270276874635265) # (w1 & 22679595778048) # 6653367501949350308),
        hashint8((w0 & 154619347008) # (w1 & 103864266775333505) # (w2 & 576495936675512320) # (w3 & 1073741824) # -392661752437002823),
        hashint8((w0 & 540434154577199128) # (w1 & -4608685451060969472) # (w2 & 536870912) # -7438691006823355954),
        hashint8((w0 & 9007199254740992) # (w1 & 786448) # (w2 & 72145555110756868) # (w3 & 162697110678929664) # 3962023812499842531),
        hashint8((w2 & 19149094526259200) # (w3 & 6755479176872525) # -3084005441886510600),
        hashint8((w0 & -6917501642929552893) # (w1 & 1444529580479094784) # (w2 & 144115188075855872) # 8316709377436687885),
        hashint8((w1 & 70377334181920) # (w2 & 11261473040891912) # (w3 & 1190216956201927680) # 1270680123050334754),
        hashint8((w1 & 4) # (w2 & 281612418040257) # (w3 & 8796181762066) # -5775349131336018377),
        hashint8((w1 & 4) # (w2 & 68728325507) # (w3 & 153122387604799560) # 5625365687987180108),
        hashint8((w0 & 1411779408175232) # (w1 & 2323857751521886208) # (w2 & 1153062259275071488) # (w3 & 2199023255552) # -1420663566399173023),
        hashint8((w0 & 9007199271518208) # (w1 & 8589935632) # (w2 & 3404637790011904) # (w3 & 1171252567296966656) # -8466692820785526154),
        hashint8((w2 & 90071992681627664) # (w3 & 40542601558245415) # 2934021998537672331),
        hashint8((w2 & 70579220676682) # (w3 & 3382097775499776) # -4112007255848680800),
        hashint8((w0 & 1159678005707145216) # (w1 & 4683910897716961792) # (w2 & 36028797018963968) # 7288707563474517685),
        hashint8((w0 & -6736751714922026992) # (w1 & 576461302080208896) # 242678309088164554)
    ];
END $$;
COMMENT ON FUNCTION pdq_bands(bigint, bigint, bigint, bigint) IS
    'A key for each of 34 choices of 19 of the 256 bits: those at which real edits change little together, and so on up to those that change much. Plain SQL would take three times as long.';
CREATE FUNCTION pdq_keys(hash bit(256)) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN pdq_bands(
        substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
        substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint);
COMMENT ON FUNCTION pdq_keys(bit) IS
    'What a hash is found by (covering codes on chosen bits, after Norouzi et al., 2012): hashes that share a key are compared.';

-- Nothing is registered until this is done; lookups go on until the names change, at the end.
LOCK TABLE frame_fingerprint IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE frame_narrow (
    asset_no integer NOT NULL REFERENCES asset (asset_no) ON DELETE CASCADE,
    time_s real NOT NULL CHECK (time_s >= 0),
    duration_s real NOT NULL CHECK (duration_s >= 0),
    quality smallint NOT NULL CHECK (quality BETWEEN 0 AND 100),
    view text NOT NULL,
    phash256 bit(256),
    pdq bit(256)
);
COMMENT ON TABLE frame_narrow IS 'What the hashes say about one moment of an asset, one view of it. Narrow (124 bytes), because a lookup visits hundreds of rows.';
COMMENT ON COLUMN frame_narrow.asset_no IS 'The asset.';
COMMENT ON COLUMN frame_narrow.time_s IS 'When, in seconds from the start; once a view.';
COMMENT ON COLUMN frame_narrow.duration_s IS 'How long it stands for, in seconds: near-identical neighbours are stored once.';
COMMENT ON COLUMN frame_narrow.quality IS 'PDQ quality 0-100; below 50 the frame is neither indexed nor compared.';
COMMENT ON COLUMN frame_narrow.view IS 'Which part of the frame: full, trim (without its uniform border), content (what stands in a mere frame: between blurred bars, in an app''s screen).';
COMMENT ON COLUMN frame_narrow.phash256 IS 'phash256.1.';
COMMENT ON COLUMN frame_narrow.pdq IS 'pdq.1.';

INSERT INTO frame_narrow (asset_no, time_s, duration_s, quality, view, phash256, pdq)
SELECT DISTINCT ON (a.asset_no, v.time_s, v.view)
       a.asset_no, v.time_s, v.duration_s, v.quality, v.view, v.phash256, v.pdq
FROM frame_fingerprint v JOIN asset a USING (asset_id)
ORDER BY a.asset_no, v.time_s, v.view, v.frame_id;

CREATE INDEX frame_narrow_asset ON frame_narrow (asset_no);
CREATE INDEX frame_phash256 ON frame_narrow USING gin (phash256_keys(phash256)) WITH (fastupdate = off)
    WHERE quality >= 50;
CREATE INDEX frame_pdq ON frame_narrow USING gin (pdq_keys(pdq)) WITH (fastupdate = off)
    WHERE quality >= 50;

-- The vectors stay where they are with their index, which takes hours to build.
DELETE FROM frame_fingerprint WHERE sscd IS NULL OR quality < 50;
DELETE FROM frame_fingerprint v USING frame_fingerprint earlier
WHERE earlier.asset_id = v.asset_id AND earlier.time_s = v.time_s AND earlier.view = v.view
  AND earlier.frame_id < v.frame_id;

DROP INDEX frame_phash256_bands, frame_pdq_bands;
DROP FUNCTION band_keys(bit);
ALTER TABLE frame_fingerprint RENAME TO frame_vector;
ALTER INDEX frame_asset RENAME TO frame_vector_asset;
ALTER INDEX frame_sscd RENAME TO frame_vector_sscd;
ALTER TABLE frame_narrow RENAME TO frame_fingerprint;
ALTER INDEX frame_narrow_asset RENAME TO frame_asset;
ALTER TABLE frame_vector
    DROP COLUMN frame_id, DROP COLUMN duration_s, DROP COLUMN phash256, DROP COLUMN pdq,
    ALTER COLUMN sscd SET NOT NULL;
COMMENT ON TABLE frame_vector IS 'What the copy-detection model says about the moments of frame_fingerprint: same asset, time_s and view. Frames of quality below 50 have none.';
COMMENT ON COLUMN frame_vector.asset_id IS 'The asset.';
COMMENT ON COLUMN frame_vector.time_s IS 'When, as in frame_fingerprint.';
COMMENT ON COLUMN frame_vector.view IS 'Which part of the frame, as in frame_fingerprint.';
COMMENT ON COLUMN frame_vector.quality IS 'PDQ quality, 50-100.';
COMMENT ON COLUMN frame_vector.sscd IS 'sscd.1, L2-normalised.';
