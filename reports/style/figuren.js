// Draws every figure of the page from the JSON beside it. Plotly is loaded only where there is something to draw; where
// it cannot be loaded or a figure cannot be drawn, its picture stays and the table with the same numbers is opened.
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

  document.addEventListener("DOMContentLoaded", function () {
    var areas = Array.prototype.slice.call(document.querySelectorAll(".figuur-vlak[data-figuur]"));
    if (!areas.length) return;
    load(function () { drawAll(areas); }, function () { areas.forEach(showTable); });
  });

  function load(then, otherwise) {
    if (window.Plotly) return then();
    var script = document.createElement("script");
    script.src = library;
    script.onload = function () { return window.Plotly ? then() : otherwise(); };
    script.onerror = otherwise;
    document.head.appendChild(script);
  }

  function drawAll(areas) {
    window.Plotly.register({ moduleType: "locale", name: "nl", dictionary: {}, format: MONTHS });
    areas.forEach(draw);
    var again = function () { areas.forEach(draw); };
    var dark = window.matchMedia("(prefers-color-scheme: dark)");
    if (dark.addEventListener) dark.addEventListener("change", again);
    var width = window.innerWidth;
    var waiting;
    window.addEventListener("resize", function () {
      if ((width < NARROW) === (window.innerWidth < NARROW)) return;
      width = window.innerWidth;
      clearTimeout(waiting);
      waiting = setTimeout(again, 150);
    });
  }

  function draw(area) {
    try {
      var source = document.getElementById("data-" + area.getAttribute("data-figuur"));
      var figure = inColours(unpack(JSON.parse(source.textContent)), getComputedStyle(document.documentElement));
      var layout = figure.layout || {};
      layout.autosize = true;
      delete layout.width;
      if (area.clientWidth < NARROW) forNarrow(layout);
      (figure.data || []).forEach(function (trace) { fitTiles(trace, area.clientWidth); });
      var drawn = window.Plotly.react(area, figure.data || [], layout, { displayModeBar: false, responsive: true, locale: "nl" });
      if (drawn && drawn.catch) drawn.catch(function () { showTable(area); });
    } catch (error) {
      showTable(area);
    }
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

  // The picture that stands in for the figure stays where there is one.
  function showTable(area) {
    var picture = area.querySelector(".figuur-beeld");
    if (picture) area.replaceChildren(picture);
    area.classList.remove("js-plotly-plot");
    area.hidden = !picture;
    var box = area.closest(".figuur");
    var table = box && box.querySelector("details.figuur-tabel");
    if (table) table.open = true;
  }
})();
