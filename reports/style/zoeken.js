// Searches all pages of the site. The index is a script beside the reports, loaded at the first use: it works from a
// folder on a disk too, and nothing is asked of another host. Without scripts there is no search box.
(function () {
  "use strict";
  var address = document.currentScript.getAttribute("data-zoekindex");
  var root = address.replace(/assets\/[^/]*$/, "");
  var SHOWN = 20;
  var index = null;

  document.addEventListener("DOMContentLoaded", function () {
    var header = document.querySelector("header.kop");
    if (!header) return;
    var form = make("form", { "class": "zoek", role: "search" });
    var label = make("label", { "for": "zoekwoord", "class": "onzichtbaar" }, "Zoeken in alle verslagen");
    var input = make("input", { type: "search", id: "zoekwoord", autocomplete: "off", placeholder: "Zoeken" });
    form.append(label, input, make("button", { type: "submit" }, "Zoek"));
    var after = header.querySelector(".jaren");
    header.insertBefore(form, after);
    var panel = make("section", { "class": "zoek-uitkomst", "aria-label": "Zoekresultaten", hidden: "" });
    var told = make("p", { role: "status" });
    var list = make("ol", {});
    panel.append(told, list);
    header.insertBefore(panel, after);

    input.addEventListener("focus", function () { load(function () {}); }, { once: true });
    input.addEventListener("input", show);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      show();
    });
    [form, panel].forEach(function (part) {
      part.addEventListener("keydown", function (event) {
        if (event.key !== "Escape") return;
        input.value = "";
        show();
        input.focus();
      });
    });

    function show() {
      var words = wordsOf(input.value);
      panel.hidden = !words.length;
      list.replaceChildren();
      if (!words.length) { told.textContent = ""; return; }
      load(function () {
        if (!index) { told.textContent = "Zoeken kan hier niet: de zoeklijst ontbreekt."; return; }
        var found = find(words);
        told.textContent = found.length
          ? found.length + (found.length === 1 ? " plaats" : " plaatsen") + " gevonden" +
            (found.length > SHOWN ? "; de eerste " + SHOWN + " staan hier" : "")
          : "Niets gevonden. Probeer een korter of ander woord.";
        list.replaceChildren.apply(list, found.slice(0, SHOWN).map(item));
      });
    }
  });

  function load(then) {
    if (index || window.zoekindex) { index = index || unpack(window.zoekindex); return then(); }
    var script = make("script", { src: address });
    script.onload = function () { index = window.zoekindex ? unpack(window.zoekindex) : null; then(); };
    script.onerror = function () { then(); };
    document.head.appendChild(script);
  }

  function unpack(raw) {
    return {
      pages: raw.pages,
      sections: raw.sections,
      words: raw.words.split(" "),
      stems: raw.stems,
      places: raw.places.map(function (text) {
        var at = 0;
        return text.split(",").map(function (step) { at += parseInt(step, 36); return at; });
      })
    };
  }

  function wordsOf(text) {
    return plain(text).split(/[^a-z0-9'-]+/).filter(function (word) { return word.length > 1; });
  }

  function plain(text) {
    return text.toLowerCase().replace(/’/g, "'").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  }

  // A word is found as it is, as a part of a longer word (Dutch writes compounds as one), and in its other forms.
  function find(words) {
    var total = null;
    words.forEach(function (word) {
      var points = new Map();
      var stems = new Set();
      index.words.forEach(function (term, number) {
        if (term.indexOf(word) < 0) return;
        stems.add(index.stems[number]);
        add(points, number, term === word ? 6 : term.indexOf(word) === 0 ? 3 : 2);
      });
      index.words.forEach(function (term, number) {
        if (stems.has(index.stems[number])) add(points, number, 1);
      });
      points.forEach(function (_, place) {
        if (plain(index.sections[place][2]).indexOf(word) >= 0) points.set(place, points.get(place) + 8);
      });
      if (total === null) { total = points; return; }
      total.forEach(function (value, place) {
        if (points.has(place)) total.set(place, value + points.get(place)); else total.delete(place);
      });
    });
    return Array.from(total).sort(function (one, other) { return other[1] - one[1] || one[0] - other[0]; })
      .map(function (pair) { return pair[0]; });
  }

  function add(points, number, value) {
    index.places[number].forEach(function (place) {
      points.set(place, Math.max(points.get(place) || 0, value));
    });
  }

  function item(place) {
    var section = index.sections[place];
    var page = index.pages[section[0]];
    var line = make("li", {});
    line.append(
      make("a", { href: root + page[0] + (section[1] ? "#" + section[1] : "") }, section[2] || page[1]),
      make("span", { "class": "zoek-plaats" }, page[1]),
      make("span", {}, section[3])
    );
    return line;
  }

  function make(name, attributes, text) {
    var node = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { node.setAttribute(key, attributes[key]); });
    if (text) node.textContent = text;
    return node;
  }
})();
