"""What stands in an address beside its streets: places, junctions, floors, relations, directions."""

from __future__ import annotations

from geo.address import street_words as w
from geo.address.street_reading import Reading, starts, starts_in


class Places(Reading):
    """Each method reads what begins at a word and returns how many words it took."""

    def _heading(self, at: int) -> int:
        """hướng ra Thủ Đức: where somebody is going, to the end of the part."""
        keys = self.keys
        if keys[at] not in w.HEADING or at + 2 > len(keys) - 1:
            return 0
        if keys[at + 1] not in w.TOWARDS:
            return 0
        name = at + 2
        while name < len(keys) - 1 and keys[name] in w.TOWARDS:
            name += 1
        self._piece("direction", at, len(keys), self._plain(name, len(keys)))
        return len(keys) - at

    def _said(self, at: int) -> int:
        """đối diện, gần, cuối …; and a post that bears a house's number."""
        keys = self.keys
        if keys[at] in w.POLE_BEGINS:
            step = starts(keys, at, w.POLES)
            if step and at + step < len(keys):
                self._piece("pole", at, at + step, " ".join(keys[at : at + step]))
                step += at + step + 1 < len(keys) and keys[at + step] == "so"
                self._relation = "near" if self._relation == "at" else self._relation
                self._begun = True
                return step
        if keys[at] not in w.RELATION_BEGINS or (self._name(at) or (0,))[0] > 1:
            return 0
        for phrase, relation in w.RELATIONS:
            step = len(phrase)
            if tuple(keys[at : at + step]) != phrase or at + step >= len(keys):
                continue
            if relation in ("start", "end") and keys[at + step] not in w.HAVE_ENDS:
                continue
            self._piece("relation", at, at + step, relation)
            self._relation = relation
            self._begun = True
            return step
        return 0

    def _at_place(self, at: int, length: int) -> int:
        """A place's first word: chợ, trường, cầu …; or the whole of Ben Thanh Market."""
        keys = self.keys
        step = starts_in(keys, at, w.PLACES | w.MORE_PLACES)
        accents = w.ACCENTS.get(keys[at]) if step == 1 and self._accented else None
        if accents and self.text[self.chunk[at].start : self.chunk[at].end].lower() != accents:
            return 0
        step = starts_in(keys, at, w.PLACES)
        if step and length <= step:
            self._place(at, step)
            self._landmark = True
            self._begun = False
            return step
        step = starts_in(keys, at, w.MORE_PLACES)
        if step and length < 2 and (at == 0 or keys[at - 1] != "o"):
            self._place(at, step)
            self._begun = False
            return 1
        if not step and self._begun and keys[at] not in w.MARKERS | w.NOISE:
            for end in range(at + 1, min(at + 4, len(keys))):
                if keys[end] in w.ENGLISH_PLACES:
                    self._piece("place", at, end + 1, self._plain(at, end + 1))
                    self._place_end = end + 1
                    break
        return 0

    def _place(self, at: int, step: int) -> None:
        """A place by its name: from its first word to what cannot belong to it."""
        keys = self.keys
        end = at + step
        while end < len(keys) and self.chunk[end].key not in w.PLACE_ENDS:  # tại, not Tây
            if keys[end] in w.HEADING and end + 1 < len(keys) and keys[end + 1] in w.TOWARDS:
                break
            if w.NUMERIC.match(keys[end]) and end + 1 < len(keys) and self._name(end + 1) is not None:
                break
            end += 1
        self._piece("place", at, end, self._plain(at, end))
        self._place_end = end

    def _junction(self, at: int, step: int) -> None:
        """ngã tư A - B, góc A và B; or the junction's own name: ngã tư Hàng Xanh."""
        keys = self.keys
        self.junction = True
        end = at + step
        if tuple(keys[at:end]) in w.NAMED_JUNCTIONS and end < len(keys):
            self._landmark = True
            own = next((n for n in range(len(keys), end, -1) if " ".join(keys[at:n]) in self.places), 0)
            if own:
                self._piece("place", at, own, self._plain(at, own))
                self._place_end = own
                return
            named = end
            while named < len(keys) - 1 and keys[named] in ("duong", "giua", "cua"):
                named += 1
            if self._name(named) is None and w.NUMERIC.match(keys[named]) is None and named == end:
                self._place(at, step)
                return
        self._piece("junction", at, end, self._plain(at, end))

    def _inside(self, at: int) -> int:
        """Tầng trệt, lầu 2, phòng 302, block A: within a house, and no number of it."""
        keys = self.keys
        self._indoors = True
        step = starts_in(keys, at, w.PLACES | w.MORE_PLACES)
        if step and keys[at] not in w.FLOORS and at + step < len(keys):
            self._place(at, step)
        if keys[at] in w.FLOORS and at + 1 < len(keys):
            follows = keys[at + 1]
            if w.NUMERIC.match(follows) or follows in ("tret", "lung", "ham", "thuong") or len(follows) == 1:
                end = self._number_end(at + 1) if w.NUMERIC.match(follows) else at + 2
                self._piece("indoors", at, end, " ".join(keys[at:end]))
                if not w.NUMERIC.match(follows):
                    return 2
        if keys[at] == "lo" and at + 1 < len(keys) and w.NUMERIC.match(keys[at + 1]):
            self._piece("lot", at, self._number_end(at + 1), self._text(at + 1, at + 2))
        return 1
