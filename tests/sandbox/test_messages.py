"""A CSV of real messages as an X landscape. All messages here are invented."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.messages import MessagesError, describe, load_messages
from tests.sandbox.conftest import Client
from tests.support.sandbox_server import running_sandbox

REAL = Path(os.environ.get("SOCIAL_SLA_REFERENCE_DIR") or Path(__file__).parents[3] / "shared") / "data/twcs.csv"
HEADER = ",tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id,mood\n"
ROWS = (
    "0,7,4001,True,Tue Oct 31 22:00:00 +0000 2017,@RailCo my train is late,8,,sad\n"
    '1,8,RailCo,False,Tue Oct 31 22:10:47 +0000 2017,"@4001 sorry, which one?",9,7.0,\n'
    '2,9,4001,True,2017-10-31T22:11:00Z,"the ""seven""\nto town",,8.0,\n'
    "3,10,4001,True,2017-10-31T23:12:00+01:00,and it is cold,,9.0,\n"
    "4,11,BusCo,False,2017-11-01T00:00:00Z,New line 4!,,,\n"
    "5,12,4002,True,2017-11-01T08:00:00Z,does @railco read this?,,99.0,\n"
)


def _file(folder: Path, content: str) -> Path:
    path = folder / "messages.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_accounts_period_and_rows(tmp_path: Path) -> None:
    found = describe(_file(tmp_path, HEADER + ROWS))
    assert found.accounts == ("BusCo", "RailCo")
    assert (found.first_created_at, found.last_created_at) == (
        datetime(2017, 10, 31, 22, tzinfo=UTC),
        datetime(2017, 11, 1, 8, tzinfo=UTC),
    )
    assert found.row_count == 6


def test_it_is_served_with_its_own_ids_threads_and_implicit_mentions(tmp_path: Path) -> None:
    with running_sandbox(_file(tmp_path, HEADER + ROWS)) as info:
        client = Client(info)
        assert (info.first_at, info.end_at) == ("2017-10-31T22:00:00Z", "2017-11-01T08:00:01Z")
        brand = client.user_id("RailCo")
        mentions = client.tweets(
            f"/2/users/{brand}/mentions", tweet_fields="author_id,conversation_id,in_reply_to_user_id,entities"
        )
        # 9 answers the brand without naming it, 12 names it in small letters; 10 answers the customer herself.
        assert [tweet["id"] for tweet in mentions] == ["12", "9", "7"]
        assert mentions[1]["in_reply_to_user_id"] == brand
        assert mentions[1]["conversation_id"] == "7"
        assert mentions[2]["author_id"] == "4001"
        assert mentions[2]["entities"]["mentions"] == [{"start": 0, "end": 7, "username": "RailCo", "id": brand}]
        assert mentions[0]["conversation_id"] == "99"
        thread = client.search("conversation_id:7")
        assert [tweet["id"] for tweet in thread] == ["10", "9", "8", "7"]
        assert [tweet["id"] for tweet in client.search("from:RailCo")] == ["8"]
        assert client.get_zendesk("incremental/tickets/cursor.json", start_time=0).json()["tickets"] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", r"line 1, column tweet_id: the column is missing \(found: none\)"),
        ("tweet_id,author_id,inbound,created_at\n", "line 1, column text: the column is missing"),
        (HEADER, "line 2: the file has no rows"),
        (HEADER + "0,x7,4001,True,2017-10-31T22:11:00Z,a,,,\n", "line 2, column tweet_id: 'x7'; expected a tweet id"),
        (HEADER + ROWS + "6,7,4001,True,2017-10-31T22:11:00Z,a,,,\n", "line 9, column tweet_id: 7 is also in line 2"),
        (
            HEADER + "0,7,@RailCo,False,2017-10-31T22:11:00Z,a,,,\n",
            "line 2, column author_id: '@RailCo'; expected a handle",
        ),
        (HEADER + "0,7,4001,maybe,2017-10-31T22:11:00Z,a,,,\n", "line 2, column inbound: 'maybe'; expected True"),
        (HEADER + "0,7,4001,True,31.10.2017,a,,,\n", "line 2, column created_at: '31.10.2017'; expected 'Tue Oct 31"),
        (
            HEADER + "0,7,4001,True,2017-10-31T22:11:00,a,,,\n",
            "column created_at: '2017-10-31T22:11:00' has no time zone",
        ),
        (HEADER + "0,7,4001,True,1970-01-01T00:00:00Z,a,,,\n", "before the first tweet"),
        (HEADER + "0,7,4001,True,2017-10-31T22:11:00Z,a,,3.5,\n", "column in_response_to_tweet_id: '3.5'"),
        (
            HEADER + "0,7,4001,True\n",
            "line 2, column created_at: the row has 4 cells and ends before this column; expected 9 cells",
        ),
        (
            HEADER + "0,7,4001,True,2017-10-31T22:11:00Z,a, b and c,,,\n",
            "line 2, column mood: the row has 10 cells; expected 9",
        ),
        (HEADER + '0,7,4001,True,2017-10-31T22:11:00Z,"open,,,\n', "line 2: unexpected end of data; put a text"),
        (HEADER + "0,7,4001,True,2017-10-31T22:11:00Z,a,,,\n", "column inbound: no row has inbound = False"),
    ],
)
def test_a_malformed_file_says_where_what_and_what_instead(tmp_path: Path, content: str, words: str) -> None:
    path = _file(tmp_path, content)
    with pytest.raises(MessagesError, match=words) as error:
        load_messages(path)
    assert str(path) in str(error.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    with pytest.raises(MessagesError, match="no such file"):
        describe(path)
    path.write_bytes(HEADER.encode() + b"0,7,4001,True,2017-10-31T22:11:00Z,caf\xe9,,,\n")
    with pytest.raises(MessagesError, match="line 2: not UTF-8"):
        describe(path)


def test_loops_are_broken_and_answers_may_be_named_by_the_parent(tmp_path: Path) -> None:
    rows = (
        "0,1,4001,True,2017-10-31T22:00:00Z,a,2,2\n"
        "0,2,RailCo,False,2017-10-31T22:01:00Z,b,,1\n"
        '0,3,4001,True,2017-10-31T22:02:00Z,c,"4,5",3\n'
        "0,4,RailCo,False,2017-10-31T22:03:00Z,d,,\n"
    )
    store = load_messages(_file(tmp_path, HEADER.replace(",mood", "") + rows))
    threads = {tweet.tweet_id: tweet.conversation_id for tweet in store.tweets}
    assert threads["3"] == threads["4"] == "3"
    assert threads["1"] == threads["2"]


@pytest.mark.skipif(not REAL.exists(), reason=f"the real data set is not there: {REAL}")
def test_the_real_data_set_has_its_published_figures() -> None:
    found = describe(REAL)
    assert (found.row_count, len(found.accounts), found.accounts[0]) == (2499, 58, "ChipotleTweets")
    store = load_messages(REAL)
    assert len(store.by_conversation) == 637
