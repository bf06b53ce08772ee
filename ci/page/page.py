"""The playground in a headless Chromium: typing, fixing, sharing, converting, by keyboard alone.

    python3 ci/page/page.py [-v]                    the tests
    python3 ci/page/page.py --pictures DIRECTORY    the pictures of README.md

`ci/check page` builds the parser into `docs/playground/` first. Every test also fails if the page requests
anything but its own files, or if the console has an error.
"""

import contextlib
import functools
import http.server
import json
import pathlib
import shutil
import sys
import threading
import unittest
import urllib.parse

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "playground"
FILES = {path.name for path in PAGE.iterdir()}
SLOWEST = 30

HOSTILE = [
    "<script>document.title='owned'</script>",
    "unix:/<img src=x onerror=document.title='owned'>:mode=x",
    "tcp:80:interface=`<b>`'\"&amp;",
    "javascript:alert(1)",
    "unix:/\u202eevil\u2066:mode=x",
    "tcp:%00%ff#&text=x",
    "\\",
    ":" * 3000,
    "tcp:" + "9" * 15000,
]

# The colors of every text against the nearest background that is not transparent.
LOW_CONTRAST = """
const rgb = (css) => css.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) =>
    v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const backed = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const color = rgb(getComputedStyle(at).backgroundColor);
    if ((color[3] ?? 1) > 0.99) return color;
  }
  return [255, 255, 255];
};
const low = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((it) => it.nodeType === 3 && it.data.trim());
  if (!own || node.closest("[hidden], .skip, noscript, datalist, option")) continue;
  const style = getComputedStyle(node);
  const [a, b] = [light(rgb(style.color)), light(backed(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) low.push(`${node.tagName}.${node.className} ${ratio.toFixed(2)} ${node.textContent.slice(0, 30)}`);
}
return low;
"""


def chromium():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


class Playground:
    """The page, used as a person uses it."""

    def __init__(self, driver, address):
        self.driver, self.address = driver, address

    def open(self, fragment=""):
        # From an empty page, as another fragment alone would not load the page again.
        self.driver.get("about:blank")
        self.driver.get(self.address + fragment)
        self.until(lambda: self.js("return 'ready' in document.documentElement.dataset"))
        return self

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, condition):
        WebDriverWait(self.driver, SLOWEST, poll_frequency=0.02).until(lambda _: condition())

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    @property
    def value(self):
        return self.js("return document.getElementById('text').value")

    def write(self, text):
        """Replaces the text of the field by typing."""
        self.find("#text").send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE)
        # The driver's own keys have no characters above U+FFFF.
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})
        self.press(Keys.ESCAPE)
        assert self.value == text, self.value

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def tab_to(self, selector):
        """Moves the focus to an element by the Tab key."""
        for _ in range(80):
            if self.js("return document.activeElement.matches(arguments[0])", selector):
                return
            self.press(Keys.TAB)
        raise AssertionError(f"{selector} is not reached by Tab")

    def choose(self, selector, value):
        self.js(
            "const it = document.querySelector(arguments[0]); it.value = arguments[1];"
            "it.dispatchEvent(new Event('input', {bubbles: true}))",
            selector,
            value,
        )

    def media(self, **features):
        named = [{"name": name.replace("_", "-"), "value": it} for name, it in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})

    def size(self, width, height=1000):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def requests(self):
        """The addresses that the page has requested since the last call."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                yield message["params"]["request"]["url"]


class Pages(unittest.TestCase):
    """Each test is one way of using the page; its address is that of a file."""

    address = (PAGE / "index.html").as_uri()

    @classmethod
    def setUpClass(cls):
        cls.driver = chromium()
        cls.addClassCleanup(cls.driver.quit)

    def setUp(self):
        self.page = Playground(self.driver, self.address)
        list(self.page.requests())
        self.driver.get_log("browser")
        self.page.media()
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.page.open()

    def tearDown(self):
        folder = self.address.rpartition("/")[0]
        for url in self.page.requests():
            url = urllib.parse.urldefrag(url).url
            if url in ("about:blank", "data:,"):
                continue
            self.assertEqual((url.rpartition("/")[0], url.rpartition("/")[2] in FILES), (folder, True), url)
        errors = [it["message"] for it in self.driver.get_log("browser") if it["level"] == "SEVERE"]
        self.assertEqual(errors, [])

    def test_typing_shows_the_answer_at_each_key(self):
        page = self.page
        page.find("#text").send_keys("tcp:80")
        self.assertEqual(page.text("#status"), "A valid server description.")
        self.assertIn("TCP port 80", page.text("#sentence"))
        page.press("80:backlog=x")
        self.assertEqual(page.text("#status"), "Not a valid server description: 1 error.")
        self.assertIn("expected an integer for backlog, but found x", page.text("#findings-list"))
        page.press(Keys.BACKSPACE, "9")
        self.assertTrue(page.text("#status").startswith("A valid server description"))
        rows = [row.text for row in page.all("#lines tbody tr") if row.text]
        self.assertTrue(any(row.startswith("backlog") for row in rows), rows)

    def test_both_roles(self):
        page = self.page
        page.write("tls:example.com:443")
        self.assertIn("client description. It fits a server too.", page.text("#status"))
        page.find("input[value=server]").click()
        self.assertIn("A valid server description", page.text("#status"))
        self.assertNotIn("fits", page.text("#status"))
        page.find("input[value=client]").click()
        page.write("tcp:80")
        self.assertIn("Not a valid client description", page.text("#status"))

    def test_releases_of_twisted(self):
        page = self.page
        page.write("systemd:INET:name=web")
        self.assertEqual(page.all("#findings-list li"), [])
        page.find("#twisted").send_keys("22.4")
        self.assertIn("which was added in 22.10", page.text("#findings-list"))
        # A finding without help and without a fix has its message, its place and its code.
        self.assertEqual(len(page.text("#findings-list").splitlines()), 4)
        page.find("#twisted").send_keys(Keys.CONTROL, "a", Keys.NULL, "latest")
        self.assertEqual(page.find("#twisted").get_attribute("aria-invalid"), "true")
        self.assertIn("expected a release", page.text("#twisted-hint"))
        page.find("#twisted").send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE, ">=22.10")
        self.assertEqual(page.find("#twisted").get_attribute("aria-invalid"), "false")
        self.assertEqual(page.all("#findings-list li"), [])

    def test_a_fix_is_applied_and_undone(self):
        page = self.page
        page.write("tcp:8080:interface=::1")
        self.assertEqual(page.text("#findings-list del"), "::1")
        self.assertEqual(page.text("#findings-list ins"), r"\:\:1")
        page.find("#findings-list button").click()
        self.assertEqual(page.value, r"tcp:8080:interface=\:\:1")
        self.assertEqual(page.all("#findings-list li"), [])
        self.assertTrue(page.js("return document.activeElement.id === 'text'"))
        page.press(Keys.CONTROL, "z")
        self.assertEqual(page.value, "tcp:8080:interface=::1")

    def test_a_guess_is_applied_only_by_its_own_button(self):
        page = self.page
        page.write("tpc:80")
        self.assertFalse(page.find("#fix").is_displayed())
        page.press(Keys.CONTROL, Keys.ENTER)
        self.assertEqual(page.value, "tpc:80")
        page.find("#findings-list button").click()
        self.assertEqual(page.value, "tcp:80")

    def test_a_link_holds_everything(self):
        page = self.page
        text = "unix:/🔑 #&=%:mode=600"
        page.write(text)
        page.find("input[value=client]").click()
        page.find("#twisted").send_keys(">=22.4,<25")
        page.choose("#to", "nginx")
        link = page.js("return location.href")
        page.open(link[len(self.address):])
        self.assertEqual(page.value, text)
        self.assertTrue(page.find("input[value=client]").is_selected())
        self.assertEqual(page.find("#twisted").get_attribute("value"), ">=22.4,<25")
        self.assertEqual(page.find("#to").get_attribute("value"), "nginx")
        # Another link into the same page.
        page.js("location.hash = '#text=tcp:9'")
        page.until(lambda: page.value == "tcp:9")
        self.assertIn("TCP port 9", page.text("#sentence"))
        page.find("#share").click()
        page.until(lambda: page.text("#share") != "Copy link")
        for broken in ("#text=%E0%A4%A", "#text", "#&&=&role=both&to=x", "#%"):
            page.open(broken)

    def test_keyboard_alone(self):
        page = self.page
        page.tab_to("#text")
        page.press("tcp:8080:inter")
        page.press(Keys.ARROW_DOWN)
        active = page.find("#text").get_attribute("aria-activedescendant")
        self.assertEqual(page.find(f"#{active} code").text, "interface=")
        page.press(Keys.ENTER)
        self.assertEqual(page.value, "tcp:8080:interface=")
        page.press("::1")
        page.press(Keys.F8)
        selected = "const it = document.getElementById('text'); return [it.selectionStart, it.selectionEnd]"
        self.assertEqual(page.js(selected), [19, 22])
        page.press(Keys.CONTROL, Keys.ENTER)
        self.assertEqual(page.value, r"tcp:8080:interface=\:\:1")
        page.tab_to("input[name=role]")
        page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        self.assertIn("Not a valid client description", page.text("#status"))
        page.press(Keys.ARROW_LEFT)
        page.tab_to("#twisted")
        page.tab_to("#to")
        page.press("hap")
        self.assertIn("bind", page.text("#conversion"))
        page.tab_to("summary")
        page.press(Keys.ENTER)
        # The focus is visible on every element.
        page.js("document.activeElement.blur()")
        for _ in range(40):
            page.press(Keys.TAB)
            shown = page.js(
                "const it = document.activeElement; const style = getComputedStyle(it);"
                "return [it === document.body, style.outlineStyle, style.outlineWidth]"
            )
            if not shown[0]:
                self.assertEqual(shown[1:], ["solid", "2px"], page.js("return document.activeElement.outerHTML"))

    def test_completions_close_and_do_not_trap_the_focus(self):
        page = self.page
        page.find("#text").send_keys("t")
        self.assertTrue(page.find("#candidates").is_displayed())
        page.press(Keys.TAB)
        self.assertFalse(page.find("#candidates").is_displayed())
        self.assertEqual(page.value, "t")
        page.find("#text").send_keys("c")
        page.press(Keys.ESCAPE)
        self.assertFalse(page.find("#candidates").is_displayed())
        page.press("p")
        page.find("#candidates li").click()
        self.assertEqual(page.value, "tcp:")

    def test_conversion(self):
        page = self.page
        page.write("TCP-LISTEN:80,bind=127.0.0.1,crlf")
        self.assertIn("socat", page.text("#foreign"))
        self.assertIn("crlf is lost", page.text("#foreign"))
        page.find("#foreign .copyable button:nth-of-type(2)").click()
        self.assertEqual(page.value, "tcp:80:interface=127.0.0.1")
        self.assertFalse(page.find("#foreign").is_displayed())
        self.assertIn("TCP4-LISTEN:80", page.text("#conversion"))
        page.choose("#to", "nginx")
        self.assertIn("listen 127.0.0.1:80", page.text("#conversion"))
        page.write("stream {\n  server {\n    listen 80;\n    proxy_pass 10.0.0.1:81;\n  }\n}")
        page.choose("#to", "strports")
        self.assertIn("tcp:80", page.text("#conversion"))

    def test_hostile_texts_stay_texts(self):
        page = self.page
        before = page.js("return document.querySelectorAll('script, img, iframe').length")
        for text in HOSTILE:
            page.write(text)
            page.open("#text=" + urllib.parse.quote(text))
            self.assertEqual(page.value, text)
            self.assertEqual(page.js("return document.title"), "strports playground")
            count = page.js("return document.querySelectorAll('script, img, iframe').length")
            self.assertEqual(count, before)
            self.assertFalse(page.js("return document.documentElement.scrollWidth > innerWidth"))
        page.write(HOSTILE[4])
        self.assertIn("\\u{202e}", page.text("#lines"))
        page.js("document.getElementById('text').value = 'x'.repeat(100000)")
        page.press("x")
        self.assertIn("100001 characters", page.text("#notice"))
        page.write("tcp:80")
        self.assertFalse(page.find("#notice").is_displayed())

    def test_positions_beside_astral_characters(self):
        page = self.page
        page.write("unix:/🔑🔑:mdoe=600")
        self.assertEqual(page.text("#findings-list del"), "mdoe")
        painted = [it.text for it in page.all("#paint .found")]
        self.assertEqual("".join(painted), "mdoe=600"[: len("".join(painted))])
        page.press(Keys.F8)
        selected = page.js(
            "const it = document.getElementById('text');"
            "return it.value.slice(it.selectionStart, it.selectionEnd)"
        )
        self.assertTrue("mdoe=600".startswith(selected) and selected, selected)
        page.find("#findings-list button").click()
        self.assertEqual(page.value, "unix:/🔑🔑:mode=600")

    def test_the_painted_text_lies_below_the_typed_one(self):
        page = self.page
        for width in (320, 700, 1200):
            page.size(width)
            page.write("tls:" + "a" * 90 + ".example:443:trustRoots=/etc/ssl " + "b" * 200)
            sizes = page.js(
                "const [a, b] = ['paint', 'text'].map((id) => document.getElementById(id));"
                "return [a.clientWidth, a.clientHeight, b.clientWidth, b.clientHeight, b.scrollHeight]"
            )
            self.assertEqual(sizes[:2], sizes[2:4], width)
            self.assertLessEqual(sizes[4], sizes[3], width)

    def test_colors_have_contrast_in_dark_and_light(self):
        page = self.page
        grounds = set()
        for scheme in ("light", "dark"):
            page.media(prefers_color_scheme=scheme)
            for text in ("tcp:8080:interface=::1", "haproxy:unix:/a:mode=666", "TCP-LISTEN:80,crlf", "tpc:1"):
                page.write(text)
                self.assertEqual(page.js(LOW_CONTRAST), [], (scheme, text))
            page.find("#text").send_keys(Keys.CONTROL, "a", Keys.NULL, "t")
            page.press(Keys.ARROW_DOWN)
            self.assertEqual(page.js(LOW_CONTRAST), [], (scheme, "completions"))
            grounds.add(page.js("return getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(grounds), 2)

    def test_narrow_screens_do_not_scroll_sideways(self):
        page = self.page
        for width in (320, 480, 768, 1400):
            page.size(width)
            for text in ("tls:h:443:endpoint=tcp\\:" + "x" * 80 + "\\:1", "ssl:443:privateKey=C:\\k.pem"):
                page.write(text)
                sizes = page.js("return [document.documentElement.scrollWidth, innerWidth]")
                self.assertLessEqual(sizes[0], sizes[1], (width, text))

    def test_everything_has_a_name(self):
        page = self.page
        page.write("TCP-LISTEN:80,crlf")
        names = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        roles = ("button", "textbox", "combobox", "radio", "comboBox", "link", "TextField")
        for node in names:
            if node.get("role", {}).get("value") in roles and not node.get("ignored"):
                self.assertTrue(node.get("name", {}).get("value"), node)
        page.until(lambda: page.js("return document.getElementById('announced').textContent !== ''"))


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Prints nothing between the names of the tests."""


class ServedPages(Pages):
    """The same tests over HTTP, as in the published book."""

    @classmethod
    def setUpClass(cls):
        handler = functools.partial(QuietHandler, directory=PAGE)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.address = f"http://127.0.0.1:{server.server_port}/index.html"
        super().setUpClass()


def pictures(directory):
    """Draws the page for README.md, dark and light: a finding with its fix."""
    with contextlib.ExitStack() as stack:
        driver = chromium()
        stack.callback(driver.quit)
        page = Playground(driver, Pages.address)
        page.size(900, 720)
        driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        for scheme in ("light", "dark"):
            page.media(prefers_color_scheme=scheme)
            page.open("#text=" + urllib.parse.quote("tcp:8080:interface=::1"))
            driver.save_screenshot(f"{directory}/playground-{scheme}.png")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pictures"]:
        pictures(sys.argv[2])
    else:
        unittest.main()
