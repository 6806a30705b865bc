// A figure stands in the page as a drawing. Who asks for it ("Interactief", or a click on the drawing) gets it from plotly:
// only then the library and the file with the figures of the page are loaded, each as a script, which works from a folder too.
(function () {
  "use strict";
  var library = document.currentScript.getAttribute("data-plotly");
  var NARROW = 520;
  var NAMES = "januari februari maart april mei juni juli augustus september oktober november december".split(" ");
  var MONTHS = {
    months: NAMES,
    shortMonths: NAMES.map(function (name) { return name === "maart" ? "mrt" : name.slice(0, 3); }),
    decimal: ",",
    thousands: "."
  };
  var figures = {};
  var loading = {};
  var shown = [];

  // The file with the figures of a page calls this.
  window.regiodealFiguren = function (all) { Object.assign(figures, all); };

  // What other scripts of ours use of a figure: its specification, once it is there.
  window.regiodealFiguur = function (area, then, otherwise) {
    var name = area.getAttribute("data-figuur");
    load(area.getAttribute("data-gegevens"), function () {
      if (!figures[name]) return otherwise();
      then(unpack(JSON.parse(JSON.stringify(figures[name]), withoutTags)));
    }, otherwise);
  };

  document.addEventListener("DOMContentLoaded", function () {
    Array.prototype.forEach.call(document.querySelectorAll(".figuur-vlak[data-gegevens]"), offer);
  });

  function offer(area) {
    var ways = area.nextElementSibling;
    if (!ways || !ways.classList.contains("figuur-wegen")) return;
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "Interactief";
    button.setAttribute("aria-pressed", "false");
    ways.insertBefore(button, ways.firstChild);
    button.addEventListener("click", function () {
      if (shown.indexOf(area) < 0) ask(area, button);
      else takeAway(area, button);
    });
    area.addEventListener("click", function () {
      if (shown.indexOf(area) < 0 && area.querySelector(".figuur-beeld")) ask(area, button);
    });
    if (!area.querySelector(".figuur-beeld")) showTable(area);
    var reach = function () {  // what moves in its own box can be moved by keyboard
      if (area.scrollWidth > area.clientWidth + 1) area.tabIndex = 0;
      else area.removeAttribute("tabindex");
    };
    reach();
    window.addEventListener("resize", reach);
  }

  function ask(area, button) {
    var fail = function () { takeAway(area, button); showTable(area); };
    shown.push(area);
    button.setAttribute("aria-pressed", "true");
    window.regiodealFiguur(area, function () {
      withoutOwnStyles();
      load(library, function () {
        if (!window.Plotly) return fail();
        begin();
        draw(area, fail);
      }, fail);
    }, fail);
  }

  // For a tag in a text plotly writes a style, which the page does not allow either: the words stay, a new line too.
  function withoutTags(key, value) {
    return typeof value === "string" ? value.replace(/<\/?(?:b|em|i|s|span|strong|sub|sup|u)\b[^<>]*>/g, "") : value;
  }

  // The page allows no style in itself: plotly finds these marks and writes none; what it needs is in rapport.css.
  // The second is that of its maps, of which no figure of ours is one.
  var MARKS = ["plotly.js-style-global", "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"];

  function withoutOwnStyles() {
    MARKS.forEach(function (name) {
      if (document.getElementById(name)) return;
      var mark = document.createElement("meta");
      mark.id = name;
      mark.className = "no-inline-styles";
      document.head.appendChild(mark);
    });
  }

  function takeAway(area, button) {
    shown = shown.filter(function (other) { return other !== area; });
    button.setAttribute("aria-pressed", "false");
    var place = area.querySelector(".figuur-plotly");
    if (place && window.Plotly) window.Plotly.purge(place);
    if (place) area.removeChild(place);
  }

  function load(address, then, otherwise) {
    if (!address) return otherwise();
    if (!loading[address]) {
      loading[address] = new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = address;
        script.onload = resolve;
        script.onerror = reject;
        document.head.appendChild(script);
      });
    }
    loading[address].then(then, function () { delete loading[address]; otherwise(); });
  }

  function begin() {
    if (begin.done) return;
    begin.done = true;
    window.Plotly.register({ moduleType: "locale", name: "nl", dictionary: {}, format: MONTHS });
    var again = function () { shown.forEach(function (area) { draw(area, function () { showTable(area); }); }); };
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    var width = window.innerWidth;
    var waiting;
    window.addEventListener("resize", function () {
      if ((width < NARROW) === (window.innerWidth < NARROW)) return;
      width = window.innerWidth;
      clearTimeout(waiting);
      waiting = setTimeout(again, 150);
    });
  }

  function draw(area, fail) {
    window.regiodealFiguur(area, function (read) {
      try {
        var place = area.querySelector(".figuur-plotly") || area.appendChild(document.createElement("div"));
        place.className = "figuur-plotly js-plotly-plot";
        var figure = inColours(read, getComputedStyle(document.documentElement));
        var layout = figure.layout || {};
        layout.autosize = true;
        delete layout.width;
        if (area.clientWidth < NARROW) forNarrow(layout);
        (figure.data || []).forEach(function (trace) { fitTiles(trace, area.clientWidth); });
        var drawn = window.Plotly.react(place, figure.data || [], layout, { displayModeBar: false, responsive: true, locale: "nl" });
        if (drawn && drawn.catch) drawn.catch(fail);
      } catch (error) {
        fail();
      }
    }, fail);
  }

  // What all traces, axes, labels or shapes of a figure have alike stands once in its JSON.
  function unpack(figure) {
    var alike = figure.alike || {};
    var layout = figure.layout || {};
    var whole = function (kind) { return function (part) { return Object.assign({}, alike[kind], part); }; };
    figure.data = (figure.data || []).map(whole("data"));
    Object.keys(layout).forEach(function (key) {
      var axis = /^([xy]axis)\d*$/.exec(key);
      if (axis) layout[key] = whole(axis[1])(layout[key]);
      else if (key === "annotations" || key === "shapes") layout[key] = layout[key].map(whole(key));
    });
    delete figure.alike;
    return figure;
  }

  // Every text "var(--name)" becomes the colour that the style sheet gives that name now.
  function inColours(value, style) {
    if (typeof value === "string") {
      return value.replace(/var\((--[\w-]+)\)/g, function (whole, name) {
        return style.getPropertyValue(name).trim() || whole;
      });
    }
    if (Array.isArray(value)) return value.map(function (item) { return inColours(item, style); });
    if (value && typeof value === "object") {
      var out = {};
      Object.keys(value).forEach(function (key) { out[key] = inColours(value[key], style); });
      return out;
    }
    return value;
  }

  // On a phone all words in the drawing are smaller, and a few years on the axis do.
  function forNarrow(layout) {
    var margin = layout.margin || {};
    layout.font = Object.assign({}, layout.font, { size: 11 });
    layout.margin = Object.assign({}, margin, { l: Math.min(margin.l || 36, 36), r: Math.min(margin.r || 12, 96) });
    (layout.annotations || []).forEach(function (note) { note.font = Object.assign({}, note.font, { size: 11 }); });
    Object.keys(layout).forEach(function (key) {
      var axis = layout[key];
      if (!/^xaxis/.test(key) || !axis || !Array.isArray(axis.tickvals)) return;
      var last = axis.tickvals.length - 1;
      var step = Math.ceil(axis.tickvals.length / 4);
      var keep = function (_, index) { return (last - index) % step === 0; };
      if (Array.isArray(axis.ticktext)) axis.ticktext = axis.ticktext.filter(keep);
      axis.tickvals = axis.tickvals.filter(keep);
      axis.tickangle = 0;
    });
  }

  // The words in the squares of a map become smaller where its squares do.
  function fitTiles(trace, width) {
    if (!trace.meta || !trace.meta.columns || !trace.textfont) return;
    trace.textfont.size = Math.min(trace.textfont.size, Math.max(6, width / trace.meta.columns / 6.5));
  }

  function showTable(area) {
    var box = area.closest(".figuur");
    var table = box && box.querySelector("details.figuur-tabel");
    if (table) table.open = true;
  }
})();
