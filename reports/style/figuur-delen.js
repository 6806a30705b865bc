// Under a figure: its drawing as PNG or SVG, what is drawn as a tidy table, and how to cite it. All is made here, of the page.
(function () {
  "use strict";
  var GAP = 12;
  var PNG_SCALE = 2;

  document.addEventListener("DOMContentLoaded", function () {
    Array.prototype.forEach.call(document.querySelectorAll(".figuur-vlak[data-gegevens] + .figuur-wegen"), offer);
  });

  function offer(ways) {
    var area = ways.previousElementSibling;
    var box = area.closest(".figuur");
    if (!box) return;
    var citation = document.createElement("div");
    citation.className = "figuur-citaat";
    citation.hidden = true;
    citation.tabIndex = -1;
    if (area.querySelector(".figuur-beeld")) {
      button(ways, "PNG", function () { toPng(box); });
      button(ways, "SVG", function () { save(new Blob([toSvg(box)], { type: "image/svg+xml" }), name(area, "svg")); });
    }
    button(ways, "Gegevens (CSV)", function () {
      window.regiodealFiguur(area, function (figure) {
        save(new Blob(["\ufeff" + tidy(figure, area.getAttribute("data-figuur"))], { type: "text/csv;charset=utf-8" }), name(area, "csv"));
      }, function () {});
    });
    var cite = button(ways, "Citeren", function () {
      citation.hidden = !citation.hidden;
      cite.setAttribute("aria-expanded", String(!citation.hidden));
      if (!citation.hidden) fill(citation, box);
    });
    cite.setAttribute("aria-expanded", "false");
    ways.appendChild(citation);
  }

  function button(ways, words, action) {
    var made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", action);
    ways.appendChild(made);
    return made;
  }

  function name(area, kind) { return area.getAttribute("data-figuur") + "." + kind; }

  function save(blob, file) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = file;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  function words(box, role) {
    var tag = box.querySelector(role);
    return tag ? tag.textContent.trim() : "";
  }

  // The drawing with its title above it and its source below it, in plain colours: it is read away from its page.
  function toSvg(box) {
    var drawings = box.querySelectorAll(".figuur-beeld");
    var drawing = Array.prototype.filter.call(drawings, function (one) { return one.getBoundingClientRect().width > 0; })[0] || drawings[0];
    var style = getComputedStyle(document.documentElement);
    var size = drawing.viewBox.baseVal;
    var font = getComputedStyle(drawing).fontFamily.replace(/"/g, "'");
    var above = lines(words(box, ".figuur-titel"), size.width - 2 * GAP, 15, font, "bold").map(function (line) { return [line, 15, "bold"]; });
    above = above.concat(lines(words(box, ".figuur-maat"), size.width - 2 * GAP, 12, font, "normal").map(function (line) { return [line, 12, "normal"]; }));
    var below = lines(words(box, ".bron") + " " + address(box), size.width - 2 * GAP, 11, font, "normal").map(function (line) { return [line, 11, "normal"]; });
    var top = GAP + height(above) + 6;
    var whole = top + size.height + height(below) + GAP;
    var inside = new XMLSerializer().serializeToString(drawing);
    inside = inside.slice(inside.indexOf(">") + 1, inside.lastIndexOf("</svg>")).replace(/var\((--[\w-]+)\)/g, function (all, role) {
      return style.getPropertyValue(role).trim();
    });
    var colour = function (role) { return style.getPropertyValue(role).trim(); };
    return '<svg xmlns="http://www.w3.org/2000/svg" width="' + size.width + '" height="' + whole + '" viewBox="0 0 ' + size.width + " " + whole +
      '" font-family="' + escaped(font) + '" font-size="' + drawing.getAttribute("font-size") + '" fill="' + colour("--text") + '">' +
      '<rect width="' + size.width + '" height="' + whole + '" fill="' + colour("--bg") + '"/>' + texts(above, GAP) +
      '<g transform="translate(0 ' + top + ')">' + inside + "</g>" + texts(below, top + size.height) + "</svg>";
  }

  function height(rows) { return rows.reduce(function (sum, row) { return sum + row[1] * 1.3; }, 0); }

  function texts(rows, from) {
    return rows.map(function (row) {
      from += row[1] * 1.3;
      return '<text x="' + GAP + '" y="' + (from - row[1] * 0.3).toFixed(1) + '" font-size="' + row[1] + '" font-weight="' + row[2] + '">' + escaped(row[0]) + "</text>";
    }).join("");
  }

  function lines(text, width, size, font, weight) {
    var measure = lines.canvas || (lines.canvas = document.createElement("canvas").getContext("2d"));
    measure.font = weight + " " + size + "px " + font;
    return text.split(/\s+/).reduce(function (made, word) {
      var longer = made.length ? made[made.length - 1] + " " + word : word;
      if (made.length && measure.measureText(longer).width <= width) made[made.length - 1] = longer;
      else made.push(word);
      return made;
    }, []);
  }

  function escaped(text) { return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;"); }

  function toPng(box) {
    window.regiodealDoek(toSvg(box), PNG_SCALE).toBlob(function (blob) {
      save(blob, name(box.querySelector(".figuur-vlak"), "png"));
    });
  }

  // A row for each point that is drawn; numbers with a point, as programs read them.
  function tidy(figure, id) {
    var layout = figure.layout || {};
    var titles = {};
    var rows = [["figuur", "vlak", "reeks", "x", "y", "laag", "hoog", "waarde"]];
    Object.keys(layout).forEach(function (key) {
      var axis = /^([xy])axis(\d*)$/.exec(key);
      if (axis) titles[axis[1] + axis[2]] = (layout[key].title && (layout[key].title.text || layout[key].title)) || "";
    });
    (figure.data || []).forEach(function (trace) {
      var panel = titles[trace.yaxis || "y"] || titles[trace.xaxis || "x"] || (trace.yaxis || trace.xaxis || "");
      if (trace.z) return cells(trace, rows, id, panel);
      var x = plain(trace.x), y = plain(trace.y);
      for (var at = 0; at < Math.max(x.length, y.length); at += 1) {
        if (x[at] === null || y[at] === null || trace.hoverinfo === "skip" && !trace.name) continue;
        var reach = trace.error_x || trace.error_y || {};
        var middle = trace.error_x ? x[at] : y[at];
        var less = plain(reach.arrayminus)[at], more = plain(reach.array)[at];
        rows.push([id, panel, trace.name || "", x[at], y[at], less === undefined ? "" : middle - less, more === undefined ? "" : middle + more, ""]);
      }
    });
    return rows.map(function (row) { return row.map(cell).join(","); }).join("\r\n") + "\r\n";
  }

  function cells(trace, rows, id, panel) {
    trace.z.forEach(function (row, up) {
      row.forEach(function (_, across) {
        var told = trace.customdata && trace.customdata[up] && trace.customdata[up][across];
        if (!told) return;
        var parts = String(told).split("<br>");
        rows.push([id, panel, parts[0], across + 1, up + 1, "", "", parts.slice(1).join(" ")]);
      });
    });
  }

  function plain(values) {
    if (!values) return [];
    if (!values.bdata) return Array.prototype.slice.call(values);
    var kinds = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };
    var bytes = Uint8Array.from(atob(values.bdata), function (one) { return one.charCodeAt(0); });
    return Array.prototype.slice.call(new kinds[values.dtype](bytes.buffer));
  }

  // Words as words: no tags of plotly, and nothing that a spreadsheet would run.
  function cell(value) {
    if (typeof value === "number") return String(Number(value.toPrecision(10)));
    var text = String(value === undefined || value === null ? "" : value).replace(/<br\s*\/?>/g, " ").replace(/<[^>]*>/g, "");
    text = new DOMParser().parseFromString(text, "text/html").body.textContent;
    if (/^[=+\-@\t\r]/.test(text) && isNaN(Number(text))) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function address(box) { return location.href.split("#")[0] + "#" + box.id; }

  function meta(name) {
    var tag = document.querySelector('meta[name="' + name + '"]');
    return tag ? tag.content : "";
  }

  function fill(place, box) {
    var title = words(box, ".figuur-titel");
    var source = words(box, ".bron").replace(/^Bron:\s*/, "");
    var vintages = (source.match(/\d{4}-\d{2}-\d{2}/g) || []).sort();
    var vintage = vintages[vintages.length - 1] || "";
    var doi = meta("citation_doi"), who = meta("citation_publisher"), report = meta("citation_title"), where = address(box);
    var day = new Date().toISOString().slice(0, 10);
    var text = who + ". " + title + ". Figuur in: " + report + ". Cijfers: " + source.replace(/\.$/, "") + ". " +
      (doi ? "https://doi.org/" + doi : where) + " (geraadpleegd op " + day + ").";
    var field = function (key, value) { return "  " + key + " = {" + value + "},\n"; };
    var safe = function (value) { return value.replace(/[{}\\]/g, ""); };
    var bibtex = "@misc{" + box.id + ",\n" + field("title", safe(title)) + field("author", "{" + safe(who) + "}") +
      field("howpublished", safe(report)) + field("note", "Cijfers: " + safe(source)) + field("version", vintage) +
      field("doi", safe(doi)) + field("url", where) + field("urldate", day) + "}";
    place.replaceChildren();
    [["p", text], ["pre", bibtex]].forEach(function (part) {
      var tag = document.createElement(part[0]);
      tag.textContent = part[1];
      place.appendChild(tag);
    });
    place.focus();
  }
})();
