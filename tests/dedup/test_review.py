"""`dedup` in a review: what it appends, and that people have the last word."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from dedup_samples import ABROAD, SECOND, TALK, TRIAL, UNSURE, Add, add_to, files_of

from evidence_review.commands.dedup import decide, explain
from evidence_review.commands.dedup.run import run
from evidence_review.errors import InputError, SheetError, UsageError
from evidence_review.model.events import DISTINCT, DOUBTFUL, LINKED, MERGED, UNDONE, DuplicateEvent
from evidence_review.model.record import Citation
from evidence_review.sheets import read as read_sheet
from evidence_review.sheets import write_csv
from evidence_review.state.clusters import Clusters, cluster
from evidence_review.state.standing import stand
from evidence_review.state.waiting import never_deduplicated, waiting
from evidence_review.workspace.workspace import Workspace


def clusters(workspace: Workspace) -> Clusters:
    """Return the clusters that the events make."""
    snapshot = workspace.snapshot()
    return cluster(list(snapshot.records), snapshot.duplicates)


def events(workspace: Workspace) -> list[tuple[str, str, str, str]]:
    """Return event, record, kept and author of every event."""
    return [(one.event, one.record, one.kept, one.by) for one in workspace.events(DuplicateEvent)]


def answer(workspace: Workspace, *decisions: tuple[str, str]) -> None:
    """Fill in the sheet as a person would: a decision and a name for each row in turn."""
    path = workspace.layout.doubtful
    table = read_sheet(path)
    rows = []
    for place, row in enumerate(table.rows):
        decision, by = decisions[place] if place < len(decisions) else ("", "")
        rows.append([{"decision": decision, "by": by}.get(name, row[name]) for name in table.columns])
    path.write_bytes(write_csv(table.columns, rows))


def test_copies_are_merged_into_the_fullest_record(workspace: Workspace, add: Add) -> None:
    """A copy is merged into the record that knows more; both stay in records.jsonl; another paper stays alone."""
    abroad, trial, second = add(ABROAD, TRIAL, SECOND)
    run(workspace)
    assert events(workspace) == [(MERGED, abroad, trial, "dedup")]
    assert clusters(workspace).keepers == [trial, second]
    assert [record.id for record in workspace.records()] == [abroad, trial, second]


def test_an_event_says_by_which_rule_and_scores(workspace: Workspace, add: Add) -> None:
    """duplicates.csv has the rule's name and every grade."""
    add(ABROAD, TRIAL)
    run(workspace)
    (event,) = workspace.events(DuplicateEvent)
    assert event.rule == "title and place"
    grades = "title spelling, authors several, year same, journal same, volume same, issue same, pages same"
    assert event.scores.partition(": ")[2] == grades
    assert float(event.scores.split(":")[0]) > 8


def test_run_twice_changes_nothing(workspace: Workspace, add: Add) -> None:
    """A second run leaves every byte as it is, ledger included."""
    add(TRIAL, ABROAD, SECOND, UNSURE)
    run(workspace)
    before = files_of(workspace)
    run(workspace)
    assert files_of(workspace) == before


def test_records_without_duplicates_count_as_looked_at(workspace: Workspace, add: Add) -> None:
    """Where nothing is found the ledger still says that every record was looked at, so that nothing waits."""
    add(TRIAL, SECOND)
    assert len(never_deduplicated(workspace.snapshot())) == 2
    run(workspace)
    assert never_deduplicated(workspace.snapshot()) == ()
    assert workspace.ledger()[-1].counts["records"] == 2


def test_an_empty_review_is_no_error(workspace: Workspace) -> None:
    """Without records there is nothing to find, and nothing breaks."""
    assert run(workspace).data["records"] == 0


@pytest.mark.parametrize("cut", range(1, 6))
def test_in_two_steps_as_in_one(workspace: Workspace, tmp_path: Path, cut: int) -> None:
    """After an update only new records are compared, and the standing clusters, links and doubts are those of a run
    over everything; the new copy may even be the better record."""
    citations = [ABROAD, SECOND, UNSURE, TRIAL, TALK, replace(TRIAL, pages="")]
    add_to(workspace, citations[:cut])
    run(workspace)
    add_to(workspace, citations[cut:])
    run(workspace)
    (tmp_path / "once" / "protocols").mkdir(parents=True)
    (tmp_path / "once" / "protocols" / "small.yml").write_bytes(workspace.layout.protocol.read_bytes())
    once = Workspace.open(tmp_path / "once")
    add_to(once, citations)
    run(once)
    stepwise, whole = clusters(workspace), clusters(once)
    assert stepwise.members_of == whole.members_of
    assert set(stepwise.linked) == set(whole.linked)
    assert {(one.record, one.kept) for one in stepwise.doubtful} == {(one.record, one.kept) for one in whole.doubtful}
    assert workspace.layout.pairs.read_bytes() == once.layout.pairs.read_bytes()


def test_names_of_journals_that_say_less_later_are_judged_again(workspace: Workspace) -> None:
    """One work under two journals is a doubt, until later records show that names are written here in any way."""

    def twice(place: int, *names: str) -> list[Citation]:
        work = replace(
            SECOND, title=f"On the {chr(97 + place) * 5} of rural things", volume="", issue="", pages="", doi=""
        )
        return [replace(work, container=name, issn=()) for name in names]

    first = add_to(workspace, twice(0, "Stroke", "Hirnschlag und Nerven"))
    assert run(workspace).data["doubtful"] == 1
    later = [one for place in range(1, 24) for one in twice(place, f"Annual {place * 'x'}y", f"Yearly {place * 'z'}q")]
    add_to(workspace, later)
    assert run(workspace).data["doubtful"] == 0
    assert clusters(workspace).keeper_of[first[0]] == clusters(workspace).keeper_of[first[1]]


def test_a_title_that_becomes_common_is_judged_again(workspace: Workspace) -> None:
    """Two editorials that looked like one are taken apart when later records show how many bear that title."""

    def editorial(author: str, page: str) -> Citation:
        people = (replace(TRIAL.authors[0], family=author),)
        title = "From the editors of this journal"
        return replace(TRIAL, title=title, authors=people, volume="", issue="", pages=page, doi="")

    first = add_to(workspace, [editorial("Kelly", ""), editorial("Kelly", "5")])
    run(workspace)
    assert clusters(workspace).removed()
    add_to(workspace, [editorial(name, page) for name, page in (("Ito", "90"), ("Wu", "70"), ("Rossi", "8"))])
    run(workspace)
    assert clusters(workspace).removed() == []
    assert [one[0] for one in events(workspace) if set(one[1:3]) == set(first)][-1] in (UNDONE, DOUBTFUL)


def test_versions_are_linked_and_both_stay(workspace: Workspace, add: Add) -> None:
    """A talk and its article are two reports of one study."""
    talk, article = add(TALK, TRIAL)
    run(workspace)
    assert {*clusters(workspace).linked[0]} == {talk, article}
    assert clusters(workspace).removed() == []


def test_doubtful_pairs_go_to_a_sheet_and_come_back(workspace: Workspace, add: Add) -> None:
    """The sheet has the pair side by side; an answer merges, and nothing waits any more."""
    trial, unsure = add(TRIAL, UNSURE)
    run(workspace)
    table = read_sheet(workspace.layout.doubtful)
    (row,) = table.rows
    assert {row["record 1"], row["record 2"]} == {trial, unsure}
    assert row["title 1"] == row["title 2"] == TRIAL.title
    assert any("doubtful" in one.what for one in waiting(workspace.snapshot(), stand(workspace.snapshot())))
    answer(workspace, ("same", "reviewer-1"))
    assert decide.collect(workspace).data["decided"] == 1
    assert clusters(workspace).removed() == [unsure]
    assert not any("doubtful" in one.what for one in waiting(workspace.snapshot(), stand(workspace.snapshot())))


@pytest.mark.parametrize(
    ("word", "event"),
    [("same", MERGED), (" Same ", MERGED), ("DIFFERENT", DISTINCT), ("no", DISTINCT), ("linked", LINKED)],
)
def test_answers_in_any_case(workspace: Workspace, add: Add, word: str, event: str) -> None:
    """Answers are read as people type them."""
    add(TRIAL, UNSURE)
    run(workspace)
    answer(workspace, (word, "reviewer-2"))
    decide.collect(workspace)
    assert (events(workspace)[-1][0], events(workspace)[-1][3]) == (event, "reviewer-2")


def test_collecting_twice_changes_nothing(workspace: Workspace, add: Add) -> None:
    """A sheet that was collected may be collected again; running dedup after it changes nothing either."""
    add(TRIAL, UNSURE)
    run(workspace)
    answer(workspace, ("different", "reviewer-1"))
    decide.collect(workspace)
    run(workspace)
    before = files_of(workspace)
    decide.collect(workspace)
    run(workspace)
    assert files_of(workspace) == before


def test_a_changed_answer_replaces_the_earlier_one(workspace: Workspace, add: Add) -> None:
    """The answered row stays in the sheet; a person who thinks again changes it there."""
    add(TRIAL, UNSURE)
    run(workspace)
    answer(workspace, ("same", "reviewer-1"))
    decide.collect(workspace)
    answer(workspace, ("different", "reviewer-1"))
    decide.collect(workspace)
    assert clusters(workspace).removed() == []
    assert clusters(workspace).doubtful == ()


def test_bad_rows_refuse_the_whole_sheet(workspace: Workspace, add: Add) -> None:
    """Every bad row is named with its number; of the good ones nothing is taken."""
    add(TRIAL, UNSURE, SECOND, replace(SECOND, volume="44", pages="", doi="", issue=""))
    run(workspace)
    answer(workspace, ("same", "reviewer-1"), ("maybe", "reviewer-9"))
    before = events(workspace)
    with pytest.raises(SheetError) as refusal:
        decide.collect(workspace)
    said = [str(problem) for problem in refusal.value.problems]
    assert len(said) == 2
    assert all("row 3" in problem for problem in said)
    assert "'maybe' is no decision" in said[0]
    assert "reviewer-9" in said[1]
    assert events(workspace) == before


def test_a_decision_needs_a_person(workspace: Workspace, add: Add) -> None:
    """A row without a name is refused unless the command names who decided."""
    add(TRIAL, UNSURE)
    run(workspace)
    answer(workspace, ("same", ""))
    with pytest.raises(SheetError, match="nobody is named"):
        decide.collect(workspace)
    decide.collect(workspace, by="reviewer-2")
    assert events(workspace)[-1][3] == "reviewer-2"


def test_two_rows_that_disagree_are_refused(workspace: Workspace, add: Add) -> None:
    """A row doubled by copying, with two answers, is no answer."""
    add(TRIAL, UNSURE)
    run(workspace)
    path = workspace.layout.doubtful
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    rows.append(list(rows[1]))
    rows[1][0:2] = ["same", "reviewer-1"]
    rows[2][0:2] = ["different", "reviewer-1"]
    path.write_bytes(write_csv(rows[0], rows[1:]))
    with pytest.raises(SheetError, match="decided otherwise in row 2"):
        decide.collect(workspace)


def test_answers_not_yet_collected_survive_the_next_run(workspace: Workspace, add: Add) -> None:
    """New doubtful pairs are added to the sheet; what a person wrote into it stays."""
    add(TRIAL, UNSURE)
    run(workspace)
    answer(workspace, ("different", "reviewer-1"))
    add(SECOND, replace(SECOND, volume="44", pages="", doi="", issue=""))
    run(workspace)
    table = read_sheet(workspace.layout.doubtful)
    assert [row["decision"] for row in table.rows] == ["different", ""]


def test_a_broken_sheet_is_never_written_over(workspace: Workspace, add: Add) -> None:
    """Where the sheet cannot be read, nothing is changed and the message says what to do."""
    add(TRIAL, UNSURE)
    run(workspace)
    workspace.layout.doubtful.write_text("title,decision\nsomething,same\n", encoding="utf-8")
    add(SECOND, replace(SECOND, volume="44", pages="", doi="", issue=""))
    before = files_of(workspace)
    with pytest.raises(SheetError, match="move it out of the folder"):
        run(workspace)
    assert files_of(workspace) == before


def test_undo_is_for_ever(workspace: Workspace, add: Add) -> None:
    """A merge that a person took back stays so, however often rules look."""
    abroad, trial = add(ABROAD, TRIAL)
    run(workspace)
    decide.undo(workspace, abroad, "reviewer-1")
    run(workspace)
    assert clusters(workspace).keepers == [abroad, trial]
    add(SECOND)
    run(workspace)
    assert clusters(workspace).removed() == []


def test_undo_of_one_of_three_leaves_the_others_together(workspace: Workspace, add: Add) -> None:
    """Only the named record leaves its cluster."""
    trial, abroad, third = add(TRIAL, ABROAD, replace(ABROAD, issue=""))
    run(workspace)
    decide.undo(workspace, abroad, "reviewer-1")
    assert clusters(workspace).keeper_of == {trial: trial, abroad: abroad, third: trial}


def test_undo_asks_for_the_copy_where_the_keeper_is_named(workspace: Workspace, add: Add) -> None:
    """A record that stands for its cluster was merged into nothing: the message names its copies."""
    abroad, trial = add(ABROAD, TRIAL)
    run(workspace)
    with pytest.raises(UsageError, match=abroad):
        decide.undo(workspace, trial, "reviewer-1")
    decide.undo(workspace, abroad, "reviewer-1")
    with pytest.raises(UsageError, match="nothing to undo"):
        decide.undo(workspace, trial, "reviewer-1")


def test_undo_takes_a_link_back(workspace: Workspace, add: Add) -> None:
    """Two reports that a rule linked are parted by a person."""
    talk, _article = add(TALK, TRIAL)
    run(workspace)
    decide.undo(workspace, talk, "reviewer-1")
    run(workspace)
    assert clusters(workspace).linked == ()


def test_a_duplicate_found_while_screening_is_added_by_hand(workspace: Workspace, add: Add) -> None:
    """A person's merge joins whole clusters, and the counts follow."""
    trial, abroad, second, copy = add(TRIAL, ABROAD, SECOND, replace(SECOND, doi=""))
    run(workspace)
    summary = decide.say(workspace, MERGED, abroad, copy, "reviewer-1", "the same trial under another title")
    assert summary.data["unique"] == 1
    assert len(clusters(workspace).keepers) == 1
    assert {trial, abroad, second, copy} == set(clusters(workspace).keeper_of)


@pytest.mark.parametrize("named", [0, 1])
def test_undo_of_a_persons_merge_gives_each_its_copies_again(named: int, workspace: Workspace, add: Add) -> None:
    """A merge by hand that was a mistake leaves nothing behind, whichever of the two is named."""
    trial, abroad, second, copy = add(TRIAL, ABROAD, SECOND, replace(SECOND, doi=""))
    run(workspace)
    before = clusters(workspace)
    assert {len(members) for members in before.members_of.values()} == {2}
    decide.say(workspace, MERGED, abroad, copy, "reviewer-1")
    summary = decide.undo(workspace, (abroad, copy)[named], "reviewer-1")
    assert clusters(workspace).members_of == before.members_of
    assert f"It is one with {(trial, second)[named]}, as before." in summary.lines[0]
    run(workspace)
    assert clusters(workspace).members_of == before.members_of


def test_distinct_parts_a_cluster(workspace: Workspace, add: Add) -> None:
    """What a person calls distinct leaves the cluster at once, without another run."""
    abroad, trial = add(ABROAD, TRIAL)
    run(workspace)
    decide.say(workspace, DISTINCT, abroad, trial, "reviewer-1")
    assert clusters(workspace).removed() == []


def test_a_person_may_speak_before_rules_ever_looked(workspace: Workspace, add: Add) -> None:
    """Without an earlier run only what the person said is appended; the records still wait for dedup."""
    abroad, trial = add(ABROAD, TRIAL)
    decide.say(workspace, DISTINCT, abroad, trial, "reviewer-1")
    assert len(events(workspace)) == 1
    assert len(never_deduplicated(workspace.snapshot())) == 2
    run(workspace)
    assert clusters(workspace).removed() == []


def test_a_word_of_a_person_leaves_new_records_waiting(workspace: Workspace, add: Add) -> None:
    """A decision between two runs clusters what was judged, and does not claim to have looked at later records."""
    abroad, _trial = add(ABROAD, TRIAL)
    run(workspace)
    add(SECOND)
    decide.undo(workspace, abroad, "reviewer-1")
    assert len(never_deduplicated(workspace.snapshot())) == 1


def test_merging_a_record_with_itself_is_refused(workspace: Workspace, add: Add) -> None:
    """One record named twice is a slip."""
    (trial,) = add(TRIAL)
    with pytest.raises(UsageError, match="named twice"):
        decide.say(workspace, MERGED, trial, trial.lower(), "reviewer-1")


def test_who_is_not_in_the_team_has_no_word(workspace: Workspace, add: Add) -> None:
    """A misspelt person is named with those who are in the team."""
    abroad, trial = add(ABROAD, TRIAL)
    for person in ("reviewer-11", "dedup", ""):
        with pytest.raises(UsageError, match="reviewer-1"):
            decide.say(workspace, MERGED, abroad, trial, person)


def test_explain_prints_keys_fields_points_and_rule(workspace: Workspace, add: Add) -> None:
    """The explanation adds up: the points of the fields are the points of the pair; nothing is written."""
    abroad, trial = add(ABROAD, TRIAL)
    run(workspace)
    before = files_of(workspace)
    summary = explain.run(workspace, trial, abroad)
    data = summary.data
    assert sum(field["points"] for field in data["fields"]) == data["points"]
    assert (data["outcome"], data["rule"]) == (MERGED, "title and place")
    assert "title start" in data["keys"]
    assert any("merged by dedup" in line for line in data["today"])
    assert files_of(workspace) == before


def test_explain_says_where_a_pair_is_never_compared(workspace: Workspace, add: Add) -> None:
    """Two records without anything in common share no key; an unknown id is named."""
    one, two = add(
        TRIAL, replace(SECOND, title="Zebra finches sing", authors=(), volume="1", year=1980, pages="", doi="")
    )
    summary = explain.run(workspace, one, two)
    assert summary.data["keys"] == []
    assert summary.data["compared"] is False
    with pytest.raises(InputError, match="R-00000000"):
        explain.run(workspace, one, "R-00000000")


def test_a_damaged_memory_only_costs_time(workspace: Workspace, add: Add) -> None:
    """Where the file of judged pairs is damaged everything is compared again, with the same outcome."""
    add(TRIAL, ABROAD, UNSURE)
    run(workspace)
    pairs, told = workspace.layout.pairs.read_bytes(), workspace.layout.compared.read_bytes()
    workspace.layout.pairs.write_text("record,other\nR-1,R-2\n", encoding="utf-8")
    run(workspace)
    assert (workspace.layout.pairs.read_bytes(), workspace.layout.compared.read_bytes()) == (pairs, told)
