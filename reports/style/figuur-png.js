// Paints one of our own drawings on a canvas, element by element: a page may not load an image that it made itself.
(function () {
  "use strict";
  var KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "font-size", "font-weight",
    "font-style", "font-family", "text-anchor"];

  // The drawing as a canvas, `scale` dots for each of its units; it throws on an element that it cannot paint.
  window.regiodealDoek = function (svg, scale) {
    var root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    var canvas = document.createElement("canvas");
    canvas.width = Math.round(root.getAttribute("width") * scale);
    canvas.height = Math.round(root.getAttribute("height") * scale);
    var pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    paint(pen, root, {}, root);
    return canvas;
  };

  function number(element, name, root) {
    var told = element.getAttribute(name) || "0";
    if (!/%$/.test(told)) return parseFloat(told);
    return parseFloat(told) / 100 * root.getAttribute(name === "height" ? "height" : "width");
  }

  function look(element, above) {
    var own = Object.assign({}, above);
    KEPT.forEach(function (name) { if (element.hasAttribute(name)) own[name] = element.getAttribute(name); });
    return own;
  }

  function turn(pen, element) {
    var told = element.getAttribute("transform") || "";
    told.replace(/(\w+)\(([^)]*)\)/g, function (all, kind, inside) {
      var by = inside.split(/[\s,]+/).map(Number);
      if (kind === "translate") return pen.translate(by[0], by[1] || 0);
      if (kind === "scale") return pen.scale(by[0], by.length > 1 ? by[1] : by[0]);
      if (kind !== "rotate") throw new Error("transform " + kind);
      pen.translate(by[1] || 0, by[2] || 0);
      pen.rotate(by[0] * Math.PI / 180);
      pen.translate(-(by[1] || 0), -(by[2] || 0));
    });
  }

  function paint(pen, element, above, root) {
    var own = look(element, above);
    pen.save();
    turn(pen, element);
    if (element.hasAttribute("opacity")) pen.globalAlpha *= parseFloat(element.getAttribute("opacity"));
    if (element.tagName === "svg" || element.tagName === "g") {
      Array.prototype.forEach.call(element.children, function (child) { paint(pen, child, own, root); });
    } else if (element.tagName === "text") write(pen, element, own);
    else if (element.tagName !== "title" && element.tagName !== "desc") stroke(pen, shape(element, root), own, element.tagName !== "line");
    pen.restore();
  }

  function shape(element, root) {
    var at = function (name) { return number(element, name, root); };
    var path = new Path2D();
    var kind = element.tagName;
    if (kind === "path") return new Path2D(element.getAttribute("d"));
    if (kind === "rect") path.rect(at("x"), at("y"), at("width"), at("height"));
    else if (kind === "circle") path.arc(at("cx"), at("cy"), at("r"), 0, 2 * Math.PI);
    else if (kind === "line") { path.moveTo(at("x1"), at("y1")); path.lineTo(at("x2"), at("y2")); }
    else if (kind === "polyline" || kind === "polygon") return new Path2D("M" + element.getAttribute("points") + (kind === "polygon" ? "z" : ""));
    else throw new Error("element " + kind);
    return path;
  }

  function stroke(pen, path, own, filled) {
    if (filled && own.fill !== "none") { pen.fillStyle = own.fill || "black"; pen.fill(path); }
    if (!own.stroke || own.stroke === "none") return;
    pen.strokeStyle = own.stroke;
    pen.lineWidth = parseFloat(own["stroke-width"] || 1);
    pen.lineCap = own["stroke-linecap"] || "butt";
    pen.lineJoin = own["stroke-linejoin"] || "miter";
    pen.setLineDash((own["stroke-dasharray"] || "").split(/[\s,]+/).filter(Boolean).map(Number));
    pen.stroke(path);
  }

  // Pieces of words with the same place are one line: its anchor counts for all of them together.
  function write(pen, element, own) {
    var lines = [];
    var line = null;
    (function walk(node, look_, size) {
      var x = node.getAttribute("x"), y = node.getAttribute("y"), dy = node.getAttribute("dy");
      if (!line || x !== null) lines.push(line = { x: parseFloat(x || (line ? line.x : 0)), y: parseFloat(y || (line ? line.y : 0)), pieces: [], down: 0 });
      if (dy) line.down += /em$/.test(dy) ? parseFloat(dy) * size : parseFloat(dy);
      Array.prototype.forEach.call(node.childNodes, function (child) {
        if (child.nodeType === 3 && child.data) line.pieces.push({ text: child.data, look: look_, size: size, down: line.down });
        else if (child.nodeType === 1) {
          var next = look(child, look_);
          var told = child.getAttribute("font-size") || "";
          walk(child, next, /%$/.test(told) ? size * parseFloat(told) / 100 : parseFloat(told) || size);
        }
      });
    })(element, own, parseFloat(own["font-size"] || 12));
    lines.forEach(function (one) { place(pen, one); });
  }

  function place(pen, line) {
    var font = function (piece) {
      pen.font = [piece.look["font-style"], piece.look["font-weight"], piece.size + "px", piece.look["font-family"]].filter(Boolean).join(" ");
    };
    var wide = line.pieces.map(function (piece) { font(piece); return pen.measureText(piece.text).width; });
    var whole = wide.reduce(function (sum, one) { return sum + one; }, 0);
    var anchor = line.pieces.length ? line.pieces[0].look["text-anchor"] : "start";
    var x = line.x - (anchor === "end" ? whole : anchor === "middle" ? whole / 2 : 0);
    line.pieces.forEach(function (piece, index) {
      font(piece);
      pen.fillStyle = piece.look.fill || "black";
      pen.fillText(piece.text, x, line.y + piece.down);
      x += wide[index];
    });
  }
})();
