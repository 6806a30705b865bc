// On every page of a preview: loads the page anew when there is a new one, and says what is the matter when there is none.
(function () {
  "use strict";
  var own = document.currentScript.dataset;
  var bar = document.createElement("div");
  bar.setAttribute("role", "status");
  bar.className = "lint voorvertoning";
  bar.style.cssText = "position:sticky;top:0;z-index:9;white-space:pre-wrap";
  document.body.prepend(bar);

  function say(text, fault) {
    bar.textContent = text;
    bar.hidden = !text;
    bar.style.borderInlineStart = fault ? "0.4rem solid #a80000" : "";
  }

  function note() {
    return own.versie ? "" : "Voorvertoning: deze pagina is van de laatste run. Alleen " + own.pagina + " wordt vernieuwd.";
  }

  say(note());
  var events = new EventSource("/_voorvertoning/gebeurtenissen");
  events.onmessage = function (event) {
    var state = JSON.parse(event.data);
    if (own.versie && String(state.versie) !== own.versie) {
      location.reload();
    } else if (state.fout) {
      say("Voorvertoning: hieronder staat de laatste goede pagina.\n" + state.fout, true);
    } else {
      say(state.melding && own.versie ? "Voorvertoning: " + state.melding : note());
    }
  };
  events.onerror = function () {
    say("De voorvertoning is gestopt. Start haar opnieuw met: regiodeal preview", true);
  };
})();
