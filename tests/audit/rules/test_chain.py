import hashlib

import pytest

from audit.rules.chain import canonical, digest_of, link


def test_canonical_sorts_keys_and_keeps_chinese():
    assert canonical({"b": [1, None], "a": "县"}) == '{"a":"县","b":[1,null]}'.encode()


def test_canonical_refuses_what_is_no_json_number():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"rate": float("nan")})


def test_link_is_sha256_of_previous_hash_and_row():
    expected = hashlib.sha256(b'ab\n{"act":"x","number":1}').hexdigest()
    assert link("ab", {"number": 1, "act": "x"}) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [(["ab", "c"], ["a", "bc"]), (["a", "b"], ["b", "a"]), (["a"], ["a", ""]), ([], [""])],
)
def test_digest_tells_rows_apart(one, other):
    assert digest_of(one) != digest_of(other)


def test_digest_counts_and_hashes_lines():
    expected = hashlib.sha256("甲\n乙\n".encode()).hexdigest()
    assert digest_of(iter(["甲", "乙"])) == {"count": 2, "sha256": expected}
