"""Randomly generated registries with many media near a few hashes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np

from registry.catalogue.banks.service.banks import create_bank, list_banks
from registry.catalogue.banks.service.shares import overlay_bank, share_bank
from registry.catalogue.entries.model.entry import MANIPULATIONS, TIERS
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import FULL, TRIM, Fingerprint, Frame
from registry.catalogue.media.model import Kind
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from tests.support.media import drawn
from tests.support.steps import review

ALGORITHMS = ("phash256.1", "pdq.1")


BANKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "stills": {"single_frame": True},
    "open": {"single_frame": True, "strangers_see_unreviewed": True, "min_confidence": 0.6},
    "strict": {"min_related": 0.85, "min_confidence": 0.9},
    "hidden": {"single_frame": True},
    "shared": {"single_frame": True, "known_tier": "reviewed", "known_fake_action": "block"},
    "tried": {"rollout": 0.5, "single_frame": True, "related_action": "review"},
    "harmless": {"min_related": 0.3},
}


VISIBLE = {"hidden": "private", "shared": "shared", "harmless": "private"}


OVERLAYS: dict[str, dict[str, Any]] = {
    "open": {"min_confidence": 0.9, "known_fake_action": "label"},
    "stills": {"single_frame": False, "answer_tier": "reviewed"},
}


MEDIA = 24


ENTRIES = 24


class World:
    """A registry around a few hashes, generated from a seed."""

    def __init__(self, service: Service, owner: Caller, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.service = service
        self.bases = [self.draw.bytes(32) for _ in range(4)]
        roles = ["lookup", "register", "admin"]
        made = [
            create_caller(service, owner, organization=name, name="x", roles=roles)
            for name in ("ours", "theirs")
        ]
        self.keys = [str(item.key) for item in made]
        self.callers = [authenticate(service, key) for key in self.keys]
        for caller in self.callers:
            for name, policy in BANKS.items():
                kind = "negative" if name == "harmless" else "fakes"
                visibility = VISIBLE.get(name, "public")
                create_bank(service, caller, name=name, visibility=visibility, policy=policy, kind=kind)
        share_bank(service, self.callers[0], "shared", "theirs")
        self.overlay()
        media = [self.medium(number) for number in range(MEDIA)]
        for _ in range(ENTRIES):
            self.register(media)
        self.judge()
        self.sure = drawn.clip(f"known fake {seed}")
        entry = register_entry(
            service, self.callers[0], Registration(fakes=[self.sure], bank="stills", manipulation="edited")
        )
        review(service, str(entry.entry_id))

    def overlay(self) -> None:
        """Give each organization its own rules for some banks of the other."""
        ours, theirs = self.callers
        for asker, other in ((ours, theirs), (theirs, ours)):
            for bank in list_banks(self.service, other):
                if bank.own and bank.name in OVERLAYS:
                    overlay_bank(self.service, asker, bank.bank_id, OVERLAYS[bank.name])

    def near(self, most: int) -> bytes:
        """Return a hash at most `most` bits from a base. It is often the base itself, to create ties."""
        base = np.unpackbits(np.frombuffer(self.bases[self.draw.integers(len(self.bases))], dtype=np.uint8))
        bits = int(self.draw.choice([0, 7, self.draw.integers(most)]))
        base[self.draw.choice(256, bits, replace=False)] ^= 1
        return np.packbits(base).tobytes()

    def medium(self, number: int) -> Fingerprint:
        """Return a still or a video of up to 100 frames, near a base or not. Some have a single hash type, or
        further views."""
        clip = drawn.clip(f"medium {number}", face="a" if number % 3 == 0 else None)
        count = int(self.draw.choice([1, 1, 3, 3, 8, 100]))
        frames: list[Frame] = []
        for at in range(count):
            values: dict[str, Any] = {"phash256": self.near(75), "pdq": self.near(75)}
            if number % 5 == 1:
                values["pdq"] = None
            duration = float(self.draw.choice([0.0, 0.25, 0.5]))
            frames.append(Frame(round(at * 0.533, 3), duration, FULL, 100, **values))
            if number % 4 == 2:
                frames.append(Frame(round(at * 0.533, 3), 0.5, TRIM, 60, phash256=self.near(40)))
        duration = float(self.draw.choice([0.6, 1.0])) * count * 0.533 if count > 1 else 0.0
        digest = hashlib.sha256(self.draw.bytes(8)).hexdigest()
        kind: Kind = "video" if count > 1 else "image"
        media = replace(clip.media, sha256=digest, kind=kind, duration=duration)
        return replace(clip, media=media, frames=tuple(frames))

    def register(self, media: list[Fingerprint]) -> None:
        """Register an entry of some of the media. A fake of one entry may be an original of another."""
        chosen = [media[at] for at in self.draw.permutation(len(media))[:4]]
        fakes = int(self.draw.integers(1, 3))
        originals = chosen[fakes : fakes + int(self.draw.choice([0, 0, 1, 2]))]
        try:
            register_entry(
                self.service,
                self.callers[int(self.draw.integers(2))],
                Registration(
                    fakes=chosen[:fakes],
                    originals=originals,
                    bank=str(self.draw.choice([*BANKS, "stills", "open", "shared"])),
                    title=f"entry {self.draw.integers(1000)}",
                    manipulation=[None, "edited", "edited", *MANIPULATIONS][int(self.draw.integers(8))],
                ),
            )
        except Conflict:
            return  # the same medium has the other role there

    def judge(self) -> None:
        """Assign tiers to entries, originals and files. Withdraw or suspend some entries."""
        with self.service.pool.transaction() as connection:
            for row in connection.execute("SELECT entry_id FROM entry ORDER BY created_at").fetchall():
                tier, original_tier = self.draw.choice(TIERS), self.draw.choice((*TIERS, "unreviewed"))
                status = self.draw.choice(["matchable"] * 6 + ["withdrawn", "suspended"])
                connection.execute(
                    "UPDATE entry SET tier = %s, original_tier = %s, status = %s WHERE entry_id = %s",
                    (str(tier), str(original_tier), str(status), row["entry_id"]),
                )
            for row in connection.execute(
                "SELECT ea.entry_id, ea.asset_id FROM entry_asset ea JOIN entry USING (entry_id)"
                " JOIN asset a USING (asset_id) ORDER BY entry.created_at, a.sha256, ea.role"
            ).fetchall():
                connection.execute(
                    "UPDATE entry_asset SET tier = %s WHERE entry_id = %s AND asset_id = %s",
                    (str(self.draw.choice(TIERS)), row["entry_id"], row["asset_id"]),
                )
