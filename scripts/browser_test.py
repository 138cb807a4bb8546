"""`review` in a real browser: what a person does, and what stands in review.jsonl afterwards.

  browser_test.py PROGRAM [TEST...]

Each test makes drafts of its own, starts PROGRAM, and drives chromium (PREANNOTATE_CHROMIUM) without
a window. Also checked in every test: no script error, nothing on the console, no dialog, no request
to another place than 127.0.0.1. Prints a line a test; exits 1 when one fails.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

from playwright.sync_api import sync_playwright

import browser_drafts as drafts

CLASSES = ["bird", "cat", "dog", "fish"]
BOXES = [("cell", 0.95, 100, 100, 120, 80), ("cell", 0.42, 400, 60, 90, 90),
         ("nucleus", 0.8, 300, 300, 60, 60)]
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def check(holds, *said):
    if not holds:
        raise AssertionError(" ".join(str(one) for one in said))


def equal(found, expected, what):
    check(found == expected, f"{what}: {found!r}, expected {expected!r}")


class Review:
    """The program, serving one drafts folder."""

    def __init__(self, program, folder, *options):
        self.process = subprocess.Popen(
            [program, "review", str(folder), "--no-browser", *options], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        check(self.url.startswith("http://127.0.0.1:"), "no address:", self.url,
              self.process.stderr.read() if not self.url else "")
        self.port = int(self.url.split(":")[2].split("/")[0])
        self.token = self.url.split("/")[3]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """As Ctrl+C does. What it said last."""
        self.process.send_signal(signal.SIGINT)
        said, complaints = self.process.communicate(timeout=60)
        equal(self.process.returncode, 0, f"exit code ({complaints})")
        return said


class World:
    """What a test gets: a folder, programs, pages; and what went wrong in the browser meanwhile."""

    def __init__(self, program, browser, root):
        self.program, self.browser, self.root = program, browser, root
        self.faults, self.reviews, self.contexts = [], [], []
        self.expected = []  # patterns of faults that the test provokes

    def review(self, folder, *options):
        self.reviews.append(Review(self.program, folder, *options))
        return self.reviews[-1]

    def context(self, reviewer="ann", size=(1280, 800)):
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]})
        context.set_default_timeout(60000)
        if reviewer:
            context.add_init_script(f"localStorage.setItem('preannotate.reviewer', {json.dumps(reviewer)})")
        context.on("request", self.watch)
        self.contexts.append(context)
        return context

    def page(self, url, reviewer="ann", context=None, size=(1280, 800)):
        page = (context or self.context(reviewer, size)).new_page()
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("console", lambda line: self.faults.append(f"console: {line.text}"))
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(url)
        return page

    def watch(self, request):
        if not re.match(r"http://127\.0\.0\.1:\d+/|data:", request.url):
            self.faults.append(f"request to {request.url}")

    def end(self):
        for context in self.contexts:
            context.close()
        for review in self.reviews:
            review.kill()
        left = [fault for fault in self.faults
                if not any(re.search(pattern, fault) for pattern in self.expected)]
        check(not left, "the browser reports:", *dict.fromkeys(left))


# What a person sees.

def shown(page):
    """Waits until an image can be answered; its name."""
    page.wait_for_selector("body[data-item]:not([aria-busy])")
    return page.inner_text("#image-name")


def number_shown(page):
    shown(page)
    return page.get_attribute("body", "data-item")


def settle(page):
    page.wait_for_selector("body:not([aria-busy])")


def press_to_next(page, *keys):
    """Types and waits until another image is there, or the end."""
    before = number_shown(page)
    for key in keys:
        page.keyboard.press(key)
    wait_for_other(page, before)


def wait_for_other(page, before):
    page.wait_for_function(
        "before => !document.body.hasAttribute('aria-busy') && document.body.dataset.item !== before &&"
        " (document.body.dataset.item !== undefined || !document.getElementById('single').checkVisibility())",
        arg=before)


def drafted(page):
    return page.inner_text("#panel .draft b")


def row(page, name):
    return page.locator("#panel .rows .row", has=page.locator(f".name:text-is({json.dumps(name)})"))


def names(answer):
    return [label["category"] for label in answer["labels"]]


# Places on the picture, in pixels of the upright image.

def on_screen(page, x, y):
    frame = page.locator("#stage .picture").bounding_box()
    width = page.evaluate("() => Number(document.getElementById('image-size').textContent.split(' ')[0])")
    scale = frame["width"] / width
    return frame["x"] + x * scale, frame["y"] + y * scale


def drag(page, start, end):
    page.mouse.move(*on_screen(page, *start))
    page.mouse.down()
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*on_screen(page, *middle))
    page.mouse.move(*on_screen(page, *end))
    page.mouse.up()


def click(page, x, y):
    page.mouse.click(*on_screen(page, x, y))


def near(found, expected, what):
    check(all(abs(a - b) <= 1.5 for a, b in zip(found, expected)), f"{what}: {found}, expected {expected}")


@test
def a_session_by_keyboard(world):
    folder = drafts.class_drafts(world.root, [f"im{i:02d}.jpg" for i in range(12)], CLASSES)
    review = world.review(folder)
    page = world.page(review.url, reviewer=None)
    page.wait_for_selector("#name-dialog[open]")
    page.keyboard.type("ann")
    page.keyboard.press("Enter")
    given = {}
    image, draft = shown(page), drafted(page)
    page.wait_for_timeout(300)  # it takes a person some time
    press_to_next(page, "Enter")
    given[image] = draft
    image = shown(page)
    other = page.inner_text("#panel .rows .row:nth-child(2) .name")
    press_to_next(page, "2")
    given[image] = other
    image, draft = shown(page), drafted(page)
    wanted = next(name for name in CLASSES if name != draft)
    page.keyboard.press("/")
    page.keyboard.type(wanted[:3])
    page.wait_for_selector("#search-dialog[open]")
    press_to_next(page, "Enter")
    given[image] = wanted
    image = shown(page)
    page.keyboard.type("fi")  # a letter that is no key opens the search
    equal(page.input_value("#search"), "fi", "typed into the search")
    press_to_next(page, "Enter")
    given[image] = "fish"
    skipped = shown(page)
    press_to_next(page, "s")
    for _ in range(7):
        given[shown(page)] = drafted(page)
        press_to_next(page, "Space")
    page.wait_for_selector("#notice:visible")
    check("1 image that you skipped" in page.inner_text("#notice"), page.inner_text("#notice"))
    said = review.end()
    check("ann" in said, said)
    lines = drafts.answers(folder)
    equal({one["image"]: names(one)[0] for one in lines if one["action"] == "labels"}, given, "answers")
    equal([one["image"] for one in lines if one["action"] == "skipped"], [skipped], "skipped")
    equal({one["reviewer"] for one in lines}, {"ann"}, "reviewers")
    check(0.25 <= lines[0]["seconds"] < 5, "seconds of the first:", lines[0]["seconds"])
    kept = [one for one in lines if one["labels"] and names(one) == [one["drafts"][0]["category"]]]
    check(len(kept) >= 8 and all(one["labels"][0]["id"] == one["drafts"][0]["id"] for one in kept),
          "accepted drafts keep their ids")


@test
def a_session_by_mouse(world):
    folder = drafts.class_drafts(world.root, [f"im{i}.jpg" for i in range(5)], CLASSES)
    page = world.page(world.review(folder).url)
    given = {}

    def press(selector, name):
        image, before = shown(page), number_shown(page)
        selector.click()
        given[image] = name
        wait_for_other(page, before)

    shown(page)
    press(page.locator("#panel .primary"), drafted(page))
    shown(page)
    press(row(page, page.inner_text("#panel .rows .row:nth-child(1) .name")),
          page.inner_text("#panel .rows .row:nth-child(1) .name"))
    shown(page)
    page.locator("#panel .search").click()
    press(page.locator("#found li", has_text="dog"), "dog")
    before = number_shown(page)
    page.locator("#skip").click()
    wait_for_other(page, before)
    left = number_shown(page)
    page.locator("#undo").click()
    wait_for_other(page, left)
    equal(number_shown(page), before, "the image after undo")
    press(page.locator("#panel .primary"), drafted(page))
    lines = drafts.answers(folder)
    equal([one["action"] for one in lines], ["labels"] * 3 + ["skipped", "undone", "labels"], "actions")
    equal({one["image"]: names(one)[0] for one in lines if one["action"] == "labels"}, given, "answers")


@test
def digits_are_pressed_by_their_names(world):
    digits = [str(digit) for digit in range(10)]
    folder = drafts.class_drafts(world.root, [f"im{i}.jpg" for i in range(4)], digits)
    page = world.page(world.review(folder).url)
    wanted = {}
    for digit in ("0", "7", None, "9"):
        image = shown(page)
        wanted[image] = digit or drafted(page)  # the draft's own key accepts it
        press_to_next(page, wanted[image])
    equal({one["image"]: names(one)[0] for one in drafts.answers(folder)}, wanted, "answers")


@test
def several_classes_an_image(world):
    folder = drafts.class_drafts(world.root, ["a.jpg", "b.jpg", "c.jpg"], CLASSES, several=True)
    page = world.page(world.review(folder).url)
    image = shown(page)
    chosen = set(page.locator("#panel .row[aria-pressed=true] .name").all_inner_texts())
    first = page.inner_text("#panel .rows .row:nth-child(1) .name")
    third = page.inner_text("#panel .rows .row:nth-child(3) .name")
    page.keyboard.press("1")
    page.keyboard.press("3")
    press_to_next(page, "Enter")
    second = shown(page)
    press_to_next(page, "n")
    press_to_next(page, "Enter")
    check("All images are done" in page.inner_text("#notice"), page.inner_text("#notice"))
    lines = {one["image"]: one for one in drafts.answers(folder)}
    equal(set(names(lines[image])), chosen ^ {first, third}, "chosen classes")
    equal(names(lines[second]), [], "classes of an image without any")


@test
def the_grid_accepts_all_but_the_marked(world):
    folder = drafts.class_drafts(world.root, [f"im{i:02d}.jpg" for i in range(80)], CLASSES)
    page = world.page(world.review(folder).url)
    shown(page)
    page.keyboard.press("g")
    page.wait_for_selector("#grid .tile >> nth=9")
    settle(page)
    category = page.inner_text("#grid-title b")
    tiles = page.locator("#grid .tile")
    titles = [tiles.nth(i).get_attribute("title") for i in range(tiles.count())]
    check(len(titles) == 20, "tiles of the page:", len(titles))
    tiles.nth(4).click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("Home")  # no key of the grid
    tiles.nth(7).click()
    tiles.nth(7).click()  # and no longer
    page.wait_for_function("() => [...document.querySelectorAll('.tile img')].every((one) => one.complete)")
    page.keyboard.press("Enter")
    equal(shown(page), titles[4], "first of the marked")
    accepted = [one for one in drafts.answers(folder)]
    equal({one["image"] for one in accepted}, set(titles) - {titles[4], titles[5]}, "accepted by the page")
    equal({tuple(names(one)) for one in accepted}, {(category,)}, "their class")
    page.keyboard.press("Enter")  # a rejected draft is not accepted by the same key
    settle(page)
    equal(shown(page), titles[4], "a marked image after Enter")
    right = page.inner_text("#panel .rows .row:nth-child(1) .name")
    press_to_next(page, "1")
    equal(shown(page), titles[5], "second of the marked")
    page.keyboard.press("2")
    page.wait_for_selector("#grid:visible")
    settle(page)
    check(page.inner_text("#grid-title b") != category, "the grid goes on with another class")
    lines = {one["image"]: one for one in drafts.answers(folder)}
    equal(names(lines[titles[4]]), [right], "class of the first marked")
    equal(len(lines), 20, "answers")


@test
def a_page_of_the_grid_is_taken_back(world):
    folder = drafts.class_drafts(world.root, [f"im{i:02d}.jpg" for i in range(24)], CLASSES)
    page = world.page(world.review(folder).url)
    shown(page)

    def titles():
        page.wait_for_selector("#grid:visible .tile")
        settle(page)
        page.wait_for_function("() => [...document.querySelectorAll('.tile img')].every((one) => one.complete)")
        return page.locator("#grid .tile").evaluate_all("(tiles) => tiles.map((one) => one.title)")

    page.keyboard.press("g")
    first = titles()
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    equal(shown(page), first[0], "the marked image")
    page.keyboard.press("z")
    equal(titles(), first, "the page after undo")
    equal([one["action"] for one in drafts.answers(folder)],
          ["labels"] * (len(first) - 1) + ["undone"] * (len(first) - 1), "the log")
    page.keyboard.press("Enter")
    page.wait_for_function("title => document.querySelector('.tile').title !== title", arg=first[0])
    check(titles()[0] not in first, "another page follows")
    equal(len(drafts.answers(folder)), 3 * len(first) - 2, "answers")


@test
def names_of_reviewers_are_checked(world):
    folder = drafts.class_drafts(world.root, ["a.jpg"], CLASSES)
    page = world.page(world.review(folder).url, reviewer="\u00e4" * 60)  # 120 bytes: not taken over
    page.wait_for_selector("#name-dialog[open]")
    for name in ("", "\u00e4" * 60):
        page.fill("#name", name)
        page.keyboard.press("Enter")
        check(page.locator("#name-dialog[open]").count() == 1, "the name was taken:", name)
    page.fill("#name", "  J\u00f6rg  ")
    page.keyboard.press("Enter")
    shown(page)
    press_to_next(page, "Enter")
    equal([one["reviewer"] for one in drafts.answers(folder)], ["J\u00f6rg"], "reviewer")


@test
def boxes_are_drawn_moved_and_changed(world):
    folder = drafts.box_drafts(world.root, [f"im{i}.jpg" for i in range(8)], ["cell", "nucleus"], BOXES)
    page = world.page(world.review(folder).url)

    def answer(*keys):
        image = shown(page)
        press_to_next(page, *keys)
        return next(one for one in drafts.answers(folder) if one["image"] == image)

    def box_of(line, number):
        wanted = drafts.draft_id(line["image"], number)
        return next((one for one in line["labels"] if one["id"] == wanted), None)

    line = answer("Enter")
    equal([one["bbox"] for one in line["labels"]], [[float(v) for v in box[2:]] for box in BOXES], "untouched boxes")
    shown(page)
    drag(page, (200, 250), (260, 330))  # on empty space
    page.keyboard.press("2")
    line = answer("Enter")
    drawn = next(one for one in line["labels"] if not one.get("id"))
    near(drawn["bbox"], [200, 250, 60, 80], "drawn box")
    equal(drawn["category"], "nucleus", "its class")
    shown(page)
    click(page, 160, 140)
    drag(page, (160, 140), (190, 150))
    line = answer("Enter")
    near(box_of(line, 0)["bbox"], [130, 110, 120, 80], "moved box")
    shown(page)
    click(page, 330, 330)
    drag(page, (360, 360), (400, 380))
    page.keyboard.press("1")
    line = answer("Enter")
    near(box_of(line, 2)["bbox"], [300, 300, 100, 80], "resized box")
    equal(box_of(line, 2)["category"], "cell", "its new class")
    shown(page)
    page.keyboard.press("Tab")  # the least sure one
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    line = answer("Enter")
    near(box_of(line, 1)["bbox"], [401, 70, 90, 90], "nudged box")
    shown(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    click(page, 330, 330)
    page.keyboard.press("x")
    page.keyboard.press("z")  # that one comes back
    line = answer("Enter")
    check(box_of(line, 1) is None and box_of(line, 2) and box_of(line, 0), "deleted:", line["labels"])
    equal(answer("n")["labels"], [], "labels of an image with nothing")
    shown(page)
    page.mouse.move(*on_screen(page, 320, 240))
    page.mouse.wheel(0, -600)
    page.keyboard.press("d")
    drag(page, (310, 310), (340, 335))  # inside another box, zoomed in
    line = answer("Enter")
    near(next(one for one in line["labels"] if not one.get("id"))["bbox"], [310, 310, 30, 25], "box within a box")


@test
def undo_takes_the_last_answer_back(world):
    folder = drafts.class_drafts(world.root, [f"im{i}.jpg" for i in range(4)], CLASSES)
    page = world.page(world.review(folder).url)
    first = shown(page)
    press_to_next(page, "Enter")
    second = shown(page)
    press_to_next(page, "2")
    press_to_next(page, "z")
    equal(shown(page), second, "image after one undo")
    press_to_next(page, "Control+z")
    equal(shown(page), first, "image after two")
    check("You answered" in page.inner_text("#panel"), "the earlier answer is shown")
    other = page.inner_text("#panel .rows .row:nth-child(1) .name")
    press_to_next(page, "1")
    equal(shown(page), second, "the image that was taken back before")
    lines = drafts.answers(folder)
    equal([(one["image"], one["action"]) for one in lines],
          [(first, "labels"), (second, "labels"), (second, "undone"), (first, "undone"), (first, "labels")],
          "the log")
    equal(names(lines[-1]), [other], "the new answer")


@test
def killed_and_resumed_nothing_is_lost(world):
    folder = drafts.class_drafts(world.root, [f"im{i}.jpg" for i in range(6)], CLASSES)
    review = world.review(folder)
    world.expected = ["ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "status of 403"]
    page = world.page(review.url)
    done = []
    for _ in range(3):
        done.append(shown(page))
        press_to_next(page, "Enter")
    shown(page)
    review.kill()
    equal([one["image"] for one in drafts.answers(folder)], done, "answers on the disk after the kill")
    page.keyboard.press("Enter")
    page.wait_for_selector("#banner:visible")
    check("kept here" in page.inner_text("#banner"), page.inner_text("#banner"))
    resumed = world.review(folder, "--port", str(review.port))
    check(resumed.token != review.token, "a program that is started anew has another token")
    page.click("#banner-retry")
    page.wait_for_function("() => document.getElementById('banner').textContent.includes('address')")
    page.goto(resumed.url)
    for _ in range(3):
        done.append(shown(page))
        press_to_next(page, "Enter")
    page.wait_for_selector("#notice:visible")
    equal(sorted(one["image"] for one in drafts.answers(folder)), sorted(done), "answers in the end")
    equal(len(set(done)), 6, "images, each asked once")


@test
def an_answer_that_does_not_arrive_is_sent_again(world):
    folder = drafts.class_drafts(world.root, [f"im{i}.jpg" for i in range(3)], CLASSES)
    world.expected = ["ERR_FAILED"]
    page = world.page(world.review(folder).url)
    image, draft = shown(page), drafted(page)
    page.route("**/api/answers", lambda route: route.abort())
    before = number_shown(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#banner:visible")
    equal(page.inner_text("#image-name"), image, "image while the answer has not arrived")
    page.keyboard.press("2")  # is dropped: the answer is on its way
    page.unroute("**/api/answers")
    wait_for_other(page, before)
    check(page.locator("#banner").is_hidden(), "the banner goes")
    equal([(one["image"], names(one)) for one in drafts.answers(folder)], [(image, [draft])], "the log")


@test
def a_page_that_is_closed_and_opened_goes_on(world):
    folder = drafts.box_drafts(world.root, ["a.jpg", "b.jpg", "c.jpg"], ["cell", "nucleus"], BOXES)
    url, context = world.review(folder).url, world.context()
    page = world.page(url, context=context)
    shown(page)
    press_to_next(page, "Enter")
    image = shown(page)
    drag(page, (200, 250), (260, 330))
    page.close()
    page = world.page(url, context=context)
    equal(shown(page), image, "the image after the page was opened again")
    equal(drafted(page), "4 boxes", "boxes, the one that was drawn among them")
    press_to_next(page, "Enter")
    equal(len(drafts.answers(folder)[-1]["labels"]), 4, "boxes of the answer")
    shown(page)
    equal(drafted(page), "3 boxes", "boxes of the next image")


@test
def two_reviewers_and_a_second_tab(world):
    folder = drafts.class_drafts(world.root, [f"im{i:02d}.jpg" for i in range(60)], CLASSES)
    url, ann = world.review(folder).url, world.context("ann")
    pages = [world.page(url, context=ann), world.page(url, context=ann), world.page(url, reviewer="ben")]
    for turn in range(36):
        page = pages[turn % 3]
        if page.locator("#notice").is_visible():
            continue
        press_to_next(page, "Enter")
    lines = drafts.answers(folder)
    by = {name: {one["image"] for one in lines if one["reviewer"] == name} for name in ("ann", "ben")}
    check(not by["ann"] & by["ben"], "both were asked", by["ann"] & by["ben"])
    equal(len(by["ben"]), 12, "images of ben")
    # Of the second tab's images some may have been answered in the first: the page says so, goes on.
    check(12 <= len(by["ann"]) <= 24, "images of ann:", len(by["ann"]))


@test
def who_takes_long_keeps_the_images(world):
    folder = drafts.class_drafts(world.root, [f"im{i:02d}.jpg" for i in range(60)], CLASSES)
    context = world.context()
    context.clock.install()
    page = world.page(world.review(folder).url, context=context)
    shown(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/items" in request.url else None)
    page.clock.fast_forward(3 * 60 * 1000)
    page.keyboard.press("+")  # a sign of life
    page.clock.fast_forward(61 * 1000)
    page.wait_for_timeout(300)
    equal(len(asked), 1, "questions that renew what was given out")
    page.clock.fast_forward(8 * 60 * 1000)
    page.wait_for_timeout(300)
    equal(len(asked), 1, "questions while nobody is there")


@test
def ten_thousand_images(world):
    folder = drafts.many_drafts(world.root, 10000, CLASSES)
    started = time.monotonic()
    review = world.review(folder)
    page = world.page(review.url)
    shown(page)
    opened_s = time.monotonic() - started
    check(opened_s < 8, "seconds until the first image:", opened_s)
    started = time.monotonic()
    for _ in range(50):
        press_to_next(page, "Enter")
    each_ms = (time.monotonic() - started) * 1000 / 50
    check("50 / 10,000" in page.inner_text("#done"), page.inner_text("#done"))
    page.keyboard.press("g")
    for _ in range(5):
        page.wait_for_selector("#grid .tile >> nth=23")
        settle(page)
        page.wait_for_function("() => [...document.querySelectorAll('.tile img')].every((one) => one.complete)")
        title = page.locator("#grid .tile").first.get_attribute("title")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "title => !document.body.hasAttribute('aria-busy') && document.querySelector('.tile').title !== title",
            arg=title)
    nodes = page.evaluate("document.querySelectorAll('*').length")
    check(nodes < 1500, "elements of the page:", nodes)
    check(len(drafts.answers(folder)) >= 50 + 5 * 24, "answers:", len(drafts.answers(folder)))
    return f"first image after {opened_s:.1f} s, {each_ms:.0f} ms an answer"


HOSTILE = ["<script>window.ran=1</script>", "\"><img src=x onerror=window.ran=1>", "a' onmouseover='window.ran=1",
           "{{7*7}}${window.ran=1}", "</textarea><svg onload=window.ran=1>"]


def hostile_names():
    return [name.replace("/", "") + ".jpg" for name in HOSTILE] + ["javascript:window.ran=1.jpg", "%3Cscript%3E.jpg"]


@test
def hostile_names_are_only_text(world):
    folder = drafts.class_drafts(world.root, hostile_names(), HOSTILE)
    name = "<img src=x onerror=window.ran=1>"
    page = world.page(world.review(folder).url, reviewer=name)
    seen = set()
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    for _ in range(2):
        seen.add(shown(page))
        check(drafted(page) in HOSTILE, drafted(page))
        press_to_next(page, "Enter")
    shown(page)
    page.keyboard.press("/")
    equal(set(page.locator("#found li").all_inner_texts()), set(HOSTILE), "classes in the search")
    page.keyboard.press("Escape")
    equal(page.inner_text("#who"), name, "the reviewer's name")
    page.keyboard.press("g")
    page.wait_for_selector("#grid .tile")
    settle(page)
    check(page.inner_text("#grid-title b") in HOSTILE, page.inner_text("#grid-title b"))
    page.hover("#grid .tile")
    page.keyboard.press("Space")
    page.wait_for_selector("#look-dialog[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    while not page.locator("#notice").is_visible():
        seen.add(shown(page))
        press_to_next(page, "Enter")
    equal(seen, set(hostile_names()), "file names")
    equal(page.evaluate("window.ran"), None, "what ran")
    policy = page.evaluate("fetch('api/session').then((reply) => reply.headers.get('content-security-policy'))")
    check("default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy, policy)


@test
def hostile_boxes_are_only_text(world):
    folder = drafts.box_drafts(world.root, ["<b>x</b>".replace("/", "") + ".jpg", "b.jpg"], HOSTILE,
                               [(HOSTILE[0], 0.9, 40, 40, 300, 200), (HOSTILE[1], 0.3, 380, 60, 200, 300)])
    page = world.page(world.review(folder).url)
    shown(page)
    equal(page.locator(".tag").all_inner_texts(), [f"{HOSTILE[0]} 90 %", f"{HOSTILE[1]} 30 %"], "names by the boxes")
    press_to_next(page, "Tab", "2", "Enter")
    equal(page.evaluate("window.ran"), None, "what ran")


def raw(port, request):
    """Status and reply of a request as it stands."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request.encode("latin-1"))
        connection.settimeout(30)
        reply = b""
        with contextlib.suppress(TimeoutError):
            while part := connection.recv(65536):
                reply += part
    return int(reply.split(b" ", 2)[1]), reply.decode("utf-8", "replace")


@test
def strangers_are_refused(world):
    folder = drafts.class_drafts(world.root, ["a.jpg", "b.jpg"], CLASSES)
    review = world.review(folder)
    port, token, host = review.port, review.token, f"127.0.0.1:{review.port}"

    def get(path, host=host, more=""):
        return raw(port, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n")

    def post(body, more):
        return raw(port, f"POST /{token}/api/answers HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                         f"Content-Length: {len(body)}\r\n{more}\r\n{body}")

    equal(get(f"/{token}/api/session")[0], 200, "the owner's request")
    for stranger in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", f"127.0.0.1:{port + 1}", ""):
        equal(get(f"/{token}/api/session", host=stranger)[0], 403, f"Host '{stranger}'")
    for path in ("/", "/api/session", f"/{'0' * 32}/api/session", f"/{token[:-1]}/", f"/{token}0/"):
        status, reply = get(path)
        check(status in (403, 404) and "categories" not in reply and token not in reply, path, status)
    for path in ("image/../../../etc/passwd", "image/%2e%2e%2fetc%2fpasswd", "..%2f..%2fetc/passwd", "image/99999", "image/-1", "run.json"):
        status, reply = get(f"/{token}/{path}")
        check(status in (400, 403, 404) and "root:" not in reply, path, status)
    answer = json.dumps({"reviewer": "eve", "answers": [
        {"item": 0, "action": "labels", "labels": [{"category": 0}], "seconds": 1}]})
    json_type = "Content-Type: application/json\r\n"
    equal(post(answer, json_type + "Origin: http://evil.example\r\n")[0], 403, "POST from another origin")
    check(post(answer, "Content-Type: text/plain\r\n")[0] in (400, 403, 415), "POST of a form")
    equal(drafts.answers(folder), [], "answers of strangers")
    equal(post(answer, json_type + f"Origin: http://{host}\r\n")[0], 200, "POST from the page")
    equal(len(drafts.answers(folder)), 1, "answers")


@test
def blind_images_show_no_draft(world):
    folder = drafts.class_drafts(world.root, [f"bird/im{i:02d}.jpg" for i in range(40)], CLASSES)
    subprocess.run([world.program, "select", str(folder), "--for", "certify", "--budget", "6", "--name", "blind"],
                   check=True, capture_output=True)
    page = world.page(world.review(folder, "--selection", "blind").url)
    wanted = {}
    while not page.locator("#notice").is_visible():
        image = shown(page)
        text = page.inner_text("#single")
        check("%" not in text.replace(page.inner_text("#zoom"), ""), "a score is shown:", text)
        check("/" not in image, "the folder is shown:", image)
        equal(page.locator("#panel .rows .name").all_inner_texts(), sorted(CLASSES), "classes")
        page.keyboard.press("Enter")  # nothing to accept
        settle(page)
        equal(shown(page), image, "a blind image after Enter")
        press_to_next(page, "3")
        wanted[f"bird/{image}"] = "dog"
    lines = drafts.answers(folder)
    equal({one["image"]: names(one)[0] for one in lines}, wanted, "answers")
    equal({(one["shown"], one["purpose"], one["selection"]) for one in lines}, {("blind", "certify", "blind")}, "what they say of themselves")
    equal({len(one["drafts"]) for one in lines}, {0}, "drafts shown")


@test
def time_counts_only_in_front(world):
    folder = drafts.class_drafts(world.root, ["a.jpg", "b.jpg"], CLASSES)
    page = world.page(world.review(folder).url)
    shown(page)
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true});"
                  "document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(1500)
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(400)
    press_to_next(page, "Enter")
    seconds = drafts.answers(folder)[0]["seconds"]
    check(0.35 <= seconds < 1.4, "seconds of an image that was hidden for 1.5 s:", seconds)


@test
def pictures_that_cannot_be_shown_are_not_answered(world):
    images = [f"im{i}.jpg" for i in range(3)]
    folder = drafts.class_drafts(world.root, images, CLASSES)
    for image in images:
        (world.root / "images" / image).write_bytes(b"no picture")
    world.expected = ["Failed to load resource"]
    page = world.page(world.review(folder).url)
    page.wait_for_selector("#stage .broken")
    check("cannot be shown" in page.inner_text("#stage"), page.inner_text("#stage"))
    page.keyboard.press("Enter")
    settle(page)
    equal(drafts.answers(folder), [], "answers about what nobody has seen")
    page.keyboard.press("s")
    page.wait_for_function("() => document.getElementById('toast').textContent.startsWith('Skipped')")
    equal([one["action"] for one in drafts.answers(folder)], ["skipped"], "answers")


@test
def the_exported_page_is_only_read(world):
    folder = drafts.box_drafts(world.root, [f"{i} <script>window.ran=1<.jpg" for i in range(6)], ["cell", "<b>nucleus</b>"],
                               [("cell", 0.9, 40, 40, 100, 100), ("<b>nucleus</b>", 0.3, 300, 200, 60, 50)])
    lines = [json.loads(line) for line in (folder / "drafts.jsonl").read_text().splitlines()]
    lines[0]["labels"] = lines[0]["labels"][:1]
    (folder / "drafts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    file = world.root / "page.html"
    subprocess.run([world.program, "review", str(folder), "--export-html", str(file)], check=True, capture_output=True)
    context = world.browser.new_context()
    world.contexts.append(context)
    requests = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    page.on("console", lambda line: world.faults.append(line.text))
    page.on("pageerror", lambda error: world.faults.append(str(error)))
    page.goto(file.as_uri())
    equal(page.locator("figure:visible").count(), 6, "images")
    equal(page.locator("script").count(), 0, "scripts")
    page.locator("label", has_text="nucleus").click()
    equal(page.locator("figure:visible").count(), 5, "images of one class")
    equal(page.locator("figure:visible svg g").count(), 10, "boxes")
    check(all(page.evaluate("[...document.images].map((one) => one.complete && one.naturalWidth > 0)")), "pictures")
    equal(page.evaluate("window.ran"), None, "what ran")
    check(all(url.startswith(("file:", "data:")) for url in requests), "requests:", requests)


def run(function, program, browser):
    with tempfile.TemporaryDirectory(prefix="preannotate-browser-") as root:
        world = World(program, browser, pathlib.Path(root))
        try:
            found = function(world)
        except Exception:
            with contextlib.suppress(Exception):
                for page in world.contexts[-1].pages:
                    shot = pathlib.Path(tempfile.gettempdir()) / f"browser-{function.__name__}.png"
                    page.screenshot(path=shot)
                    print(f"        {shot}")
            with contextlib.suppress(Exception):
                world.end()
            raise
        world.end()
        return found


def main():
    program, wanted = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:]
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    failed = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["PREANNOTATE_CHROMIUM"], args=options)
        for function in TESTS:
            name = function.__name__
            if wanted and name not in wanted:
                continue
            try:
                found = run(function, program, browser)
                print(f"ok      {name.replace('_', ' ')}{': ' + found if found else ''}", flush=True)
            except Exception as error:  # noqa: BLE001: one test's failure is not the others'
                failed = True
                print(f"FAILED  {name.replace('_', ' ')}: {error}", flush=True)
                for frame in traceback.extract_tb(error.__traceback__):
                    if frame.filename == __file__ and frame.name not in ("main", "run"):
                        print(f"        line {frame.lineno}: {frame.line}")
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
