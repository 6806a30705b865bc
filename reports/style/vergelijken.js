// Any indicator, any areas, any years: a figure, a map and a table of one file. The choice stands in the address.
(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var MOST_LINES = 8;
  var DASHES = ["", "7 4", "2 3", "10 3 2 3", "12 5", "4 2", "1 4", "8 2 2 2"];
  var place, data, state;

  document.addEventListener("DOMContentLoaded", function () {
    place = document.querySelector(".vergelijk[data-gegevens]");
    if (!place) return;
    window.regiodealVergelijken = function (told) {
      data = told;
      window.addEventListener("hashchange", show);
      show();
    };
    var script = document.createElement("script");
    script.src = place.getAttribute("data-gegevens");
    script.onerror = function () { place.appendChild(make("p", "De cijfers kunnen niet worden geladen.")); };
    document.head.appendChild(script);
  });

  function make(name, words, attributes) {
    var tag = document.createElement(name);
    if (words !== undefined && words !== null) tag.textContent = words;
    Object.keys(attributes || {}).forEach(function (key) { tag.setAttribute(key, attributes[key]); });
    return tag;
  }

  function draw(name, attributes, words) {
    var tag = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { tag.setAttribute(key, attributes[key]); });
    if (words) tag.textContent = words;
    return tag;
  }

  // The state: read from the address, with what is not there filled in, and written back when something changes.
  function read() {
    var asked = new URLSearchParams(location.hash.slice(1));
    var figure = data.cijfers.filter(function (one) { return one.id === asked.get("cijfer"); })[0] ||
      data.cijfers.filter(function (one) { return one.id === "woninginbraak"; })[0] || data.cijfers[0];
    var codes = data.gebieden.map(function (area) { return area[0]; });
    var areas = (asked.get("gebieden") || "").split(",").filter(function (code) { return codes.indexOf(code) >= 0; });
    if (!areas.length) areas = data.gebieden.filter(function (area) { return area[2] === "regio"; }).map(function (area) { return area[0]; });
    var years = yearsOf(figure);
    var within = function (value, otherwise) { value = Number(value); return years.indexOf(value) < 0 ? otherwise : value; };
    var from = within(asked.get("van"), years[0]), to = within(asked.get("tot"), years[years.length - 1]);
    return { figure: figure, areas: areas.slice(0, MOST_LINES), from: Math.min(from, to), to: Math.max(from, to) };
  }

  function write(change) {
    Object.assign(state, change);
    var hash = "cijfer=" + state.figure.id + "&gebieden=" + state.areas.join(",") + "&van=" + state.from + "&tot=" + state.to;
    history.replaceState(null, "", "#" + hash);
    show();
  }

  function yearsOf(figure) {
    var lengths = Object.keys(figure.waarden).map(function (key) { return figure.waarden[key].length; });
    return Array.from({ length: Math.max.apply(null, lengths) }, function (_, at) { return figure.eerste + at; });
  }

  function index(code) { return data.gebieden.findIndex(function (area) { return area[0] === code; }); }
  function nameOf(code) { return data.gebieden[index(code)][1]; }

  function value(code, year) {
    var row = state.figure.waarden[index(code)];
    var found = row ? row[year - state.figure.eerste] : null;
    return found === undefined ? null : found;
  }

  function written(code, year) {
    var signs = (state.figure.tekens || {})[index(code)] || "";
    var sign = signs[year - state.figure.eerste];
    var found = value(code, year);
    if (found === null) return sign === "x" ? "niet vrijgegeven" : "–";
    return number(found) + (sign === "*" ? "*" : "");
  }

  function number(found) {
    return found.toLocaleString("nl-NL", { minimumFractionDigits: state.figure.decimalen, maximumFractionDigits: state.figure.decimalen });
  }

  function show() {
    state = read();
    var focused = document.activeElement && document.activeElement.getAttribute("data-naam");
    var open = place.querySelector("details");
    var isOpen = open ? open.open : window.innerWidth > 800;
    place.replaceChildren(choices(isOpen), figure(), map(), table(), sources());
    if (focused) {
      var again = place.querySelector('[data-naam="' + focused + '"]');
      if (again) again.focus();
    }
  }

  function choices(isOpen) {
    var box = make("div", null, { "class": "vergelijk-keuzes" });
    var select = make("select", null, { "data-naam": "cijfer" });
    Object.keys(data.themas).forEach(function (theme) {
      var group = make("optgroup", null, { label: data.themas[theme] });
      data.cijfers.filter(function (one) { return String(one.thema) === theme; }).forEach(function (one) {
        group.appendChild(make("option", one.naam, one === state.figure ? { value: one.id, selected: "" } : { value: one.id }));
      });
      if (group.children.length) select.appendChild(group);
    });
    select.addEventListener("change", function () {
      var chosen = data.cijfers.filter(function (one) { return one.id === select.value; })[0], years = yearsOf(chosen);
      write({ figure: chosen, from: years[0], to: years[years.length - 1] });
    });
    box.appendChild(labelled("Cijfer", select));
    [["Van", "from", "van"], ["Tot en met", "to", "tot"]].forEach(function (which) {
      var years = make("select", null, { "data-naam": which[2] });
      yearsOf(state.figure).forEach(function (year) {
        years.appendChild(make("option", year, state[which[1]] === year ? { value: year, selected: "" } : { value: year }));
      });
      years.addEventListener("change", function () {
        var change = {};
        change[which[1]] = Number(years.value);
        write(change);
      });
      box.appendChild(labelled(which[0], years));
    });
    var details = make("details");
    details.open = isOpen;
    details.appendChild(make("summary", "Gebieden (" + state.areas.length + " gekozen, ten hoogste " + MOST_LINES + ")"));
    [["regio", "Regio, provincie en land"], ["eigen", "Gemeenten van de regio"], ["ander", "Andere gebieden"]].forEach(function (group) {
      var set = make("fieldset");
      set.appendChild(make("legend", group[1]));
      data.gebieden.filter(function (area) { return area[2] === group[0]; }).forEach(function (area) {
        var check = make("input", null, { type: "checkbox", "data-naam": "gebied-" + area[0] });
        check.checked = state.areas.indexOf(area[0]) >= 0;
        check.disabled = !state.figure.waarden[index(area[0])] && !check.checked;
        check.addEventListener("change", function () { toggle(area[0]); });
        var label = make("label");
        label.append(check, " " + area[1]);
        set.appendChild(label);
      });
      details.appendChild(set);
    });
    box.appendChild(details);
    return box;
  }

  function labelled(words, control) {
    var label = make("label", words + " ");
    label.appendChild(control);
    return label;
  }

  function toggle(code) {
    var areas = state.areas.filter(function (other) { return other !== code; });
    if (areas.length === state.areas.length) areas = areas.concat(code).slice(-MOST_LINES);
    if (areas.length) write({ areas: areas });
    else show();
  }

  function colour(at) { return at === 0 ? "var(--region)" : at === 1 ? "var(--benchmark)" : at === 2 ? "var(--target)" : "var(--rest)"; }

  function shownYears() { return yearsOf(state.figure).filter(function (year) { return year >= state.from && year <= state.to; }); }

  function figure() {
    var years = shownYears();
    var known = [];
    state.areas.forEach(function (code) { years.forEach(function (year) { if (value(code, year) !== null) known.push(value(code, year)); }); });
    var box = make("div");
    box.appendChild(make("h2", state.figure.naam + ", " + (state.from === state.to ? state.from : state.from + "–" + state.to), { id: "vergelijken-figuur" }));
    box.appendChild(make("p", "Eenheid: " + state.figure.eenheid + ".", { "class": "figuur-maat" }));
    if (!known.length) {
      box.appendChild(make("p", "Voor deze keuze zijn er geen cijfers."));
      return box;
    }
    var wide = Math.max(Math.min(place.clientWidth, 704), 280), high = 320, left = 60, right = wide < 500 ? 24 : 150, top = 10, foot = 30;
    var low = Math.min(0, Math.min.apply(null, known)), peak = Math.max.apply(null, known);
    var step = niceStep((peak - low) / 4 || 1);
    peak = Math.ceil((peak || step) / step) * step;
    var x = function (year) { return years.length < 2 ? (left + wide - right) / 2 : left + (year - years[0]) / (years[years.length - 1] - years[0]) * (wide - left - right); };
    var y = function (one) { return top + (peak - one) / (peak - low) * (high - top - foot); };
    var svg = draw("svg", { viewBox: "0 0 " + wide + " " + high, width: wide, "class": "vergelijk-figuur", "font-size": 13, role: "img", "aria-labelledby": "vergelijken-figuur" });
    for (var tick = Math.ceil(low / step) * step; tick <= peak + step / 1000; tick += step) {
      svg.appendChild(draw("path", { d: "M" + left + " " + y(tick) + "H" + (wide - right), stroke: "var(--rule)" }));
      svg.appendChild(draw("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end", fill: "var(--text)" }, plainTick(tick, step)));
    }
    var every = Math.ceil(years.length / Math.max(2, Math.floor((wide - left - right) / 46)));
    years.forEach(function (year, at) {
      if ((years.length - 1 - at) % every === 0) svg.appendChild(draw("text", { x: x(year), y: high - 8, "text-anchor": "middle", fill: "var(--text)" }, String(year)));
    });
    var ends = [];
    state.areas.forEach(function (code, at) {
      var path = "", stopped = true;
      years.forEach(function (year) {
        var found = value(code, year);
        if (state.figure.breuken.indexOf(year) >= 0) stopped = true;
        if (found === null) { stopped = true; return; }
        path += (stopped ? "M" : "L") + x(year).toFixed(1) + " " + y(found).toFixed(1);
        stopped = false;
        svg.appendChild(draw("circle", { cx: x(year).toFixed(1), cy: y(found).toFixed(1), r: at === 0 ? 4 : 3, fill: colour(at) }));
      });
      svg.appendChild(draw("path", { d: path || "M0 0", fill: "none", stroke: colour(at), "stroke-width": at === 0 ? 3.5 : 2, "stroke-dasharray": DASHES[at] }));
      var last = years.filter(function (year) { return value(code, year) !== null; }).pop();
      if (last) ends.push([y(value(code, last)), nameOf(code), colour(at), x(last)]);
    });
    if (right > 100) {
      var under = -Infinity;
      ends.sort(function (a, b) { return a[0] - b[0]; }).forEach(function (end) {
        under = Math.max(end[0], under + 16);
        svg.appendChild(draw("text", { x: wide - right + 10, y: Math.min(under + 4, high - 4), fill: end[2] }, end[1]));
      });
    }
    box.appendChild(svg);
    if (right <= 100) box.appendChild(key());
    return box;
  }

  function key() {
    var list = make("ul", null, { "class": "vergelijk-namen" });
    state.areas.forEach(function (code, at) {
      var item = make("li");
      var line = draw("svg", { width: 34, height: 10, viewBox: "0 0 34 10", "aria-hidden": "true" });
      line.appendChild(draw("path", { d: "M0 5H34", stroke: colour(at), "stroke-width": at === 0 ? 3.5 : 2, "stroke-dasharray": DASHES[at] }));
      item.append(line, " " + nameOf(code));
      list.appendChild(item);
    });
    return list;
  }

  function niceStep(rough) {
    var power = Math.pow(10, Math.floor(Math.log10(rough)));
    return [1, 2, 5, 10].map(function (factor) { return factor * power; }).filter(function (one) { return one >= rough * 0.999; })[0];
  }

  function plainTick(tick, step) {
    var digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return tick.toLocaleString("nl-NL", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  // The municipalities in their own shape, in the last year that is shown; Tab reaches the map, the arrows its areas.
  function map() {
    var codes = Object.keys(data.kaart), box = make("div");
    var year = shownYears().reverse().filter(function (one) { return codes.some(function (code) { return value(code, one) !== null; }); })[0];
    if (!year) return box;
    box.appendChild(make("h2", "Gemeenten in " + year, { id: "vergelijken-kaart" }));
    var points = codes.reduce(function (all, code) { return all.concat(data.kaart[code].join(" ").split(" ")); }, []).map(function (pair) { return pair.split(",").map(Number); });
    var edge = function (way, at) { return way.apply(null, points.map(function (point) { return point[at]; })); };
    var west = edge(Math.min, 0) - 8, north = edge(Math.min, 1) - 8, wide = edge(Math.max, 0) + 8 - west, high = edge(Math.max, 1) + 8 - north;
    var known = codes.map(function (code) { return value(code, year); }).filter(function (one) { return one !== null; });
    var low = Math.min.apply(null, known), span = Math.max.apply(null, known) - low || 1;
    var svg = draw("svg", { viewBox: [west, north, wide, high].join(" "), "class": "vergelijk-kaart", role: "group", "aria-labelledby": "vergelijken-kaart" });
    var told = make("p", null, { "class": "vergelijk-uitleg", "aria-live": "polite" });
    told.textContent = "Hoe voller de kleur, hoe hoger het cijfer. Kies een gemeente op de kaart, of met Tab en de pijltjes; Enter zet haar in de figuur of haalt haar weg.";
    var shapes = codes.map(function (code, at) {
      var found = value(code, year);
      var shade = found === null ? "var(--surface)" : "var(--tile" + (1 + Math.min(4, Math.floor((found - low) / span * 5))) + ")";
      var path = data.kaart[code].map(function (ring) { return "M" + ring.replace(/ /g, "L") + "Z"; }).join("");
      var chosen = state.areas.indexOf(code) >= 0;
      var shape = draw("path", { d: path, fill: shade, stroke: chosen ? "var(--text)" : "var(--bg)", "stroke-width": chosen ? 6 : 2,
        role: "button", "aria-pressed": String(chosen), "aria-label": nameOf(code) + ": " + written(code, year), tabindex: at ? -1 : 0, "data-naam": "kaart-" + code });
      var tell = function () { told.textContent = nameOf(code) + ": " + written(code, year) + " (" + state.figure.naam + ", " + year + ")"; };
      shape.addEventListener("focus", tell);
      shape.addEventListener("pointerenter", tell);
      shape.addEventListener("click", function () { toggle(code); });
      shape.addEventListener("keydown", function (event) {
        var way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(code); }
        if (!way) return;
        event.preventDefault();
        var next = shapes[(at + way + shapes.length) % shapes.length];
        shapes.forEach(function (other) { other.setAttribute("tabindex", other === next ? 0 : -1); });
        next.focus();
      });
      return shape;
    });
    shapes.slice().sort(function (a, b) { return a.getAttribute("stroke-width") - b.getAttribute("stroke-width"); }).forEach(function (shape) { svg.appendChild(shape); });
    box.append(svg, told, make("p", "Kaart: Kadaster / Centraal Bureau voor de Statistiek, 2024 (CC BY 4.0), vereenvoudigd.", { "class": "bron" }));
    return box;
  }

  function table() {
    var years = shownYears().reverse(), box = make("div", null, { "class": "tabel", tabindex: "0", role: "region", "aria-label": "Tabel met de gekozen cijfers" });
    var made = make("table"), head = make("thead"), row = make("tr");
    row.appendChild(make("th", "Jaar", { scope: "col" }));
    state.areas.forEach(function (code) { row.appendChild(make("th", nameOf(code), { scope: "col", "class": "n" })); });
    head.appendChild(row);
    var body = make("tbody");
    years.forEach(function (year) {
      var line = make("tr");
      line.appendChild(make("th", year, { scope: "row" }));
      state.areas.forEach(function (code) { line.appendChild(make("td", written(code, year), { "class": "n" })); });
      body.appendChild(line);
    });
    made.append(head, body);
    box.appendChild(made);
    return box;
  }

  function sources() {
    var box = make("div");
    box.appendChild(make("p", "Bron: " + state.figure.bron + ". * is een voorlopig cijfer." +
      (state.figure.breuken.length ? " Breuk in de reeks: " + state.figure.breuken.join(", ") + "; de lijn stopt daar." : ""), { "class": "bron" }));
    return box;
  }
})();
