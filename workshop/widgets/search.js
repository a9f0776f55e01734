function () {
  // Search as you type, over titles: which hold every word that is typed, and a field that offers them.
  const plain = (text) => text.normalize("NFD").replace(/[\p{M}'’]/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

  // finder(titles) is a function of what is typed: the places in `titles` that hold every word of it, in their order;
  // but first what stands there as typed, then what begins so, so that "it" finds It before Titanic; and last what
  // differs in its spaces and hyphens, so that "spiderman" finds Spider-Man.
  function finder(titles) {
    const known = titles.map((title) => ` ${plain(title)} `);
    return (typed) => {
      const whole = plain(typed), words = whole.split(" "), joined = words.join(""), tiers = [[], [], [], [], []];
      if (whole) known.forEach((title, i) => {
        const fits = [
          title.includes(` ${whole} `), title.includes(` ${whole}`), words.every((word) => title.includes(` ${word}`)),
          words.every((word) => title.includes(word)), joined.length > 3 && title.replaceAll(" ", "").includes(joined),
        ];
        tiers[fits.indexOf(true)]?.push(i);
      });
      return tiers.flat();
    };
  }

  // picker(make, parent, label, titles, choose): a field and, under it, the first titles found; ↑ ↓ and Enter, a click
  // or a tap choose one, and choose(its place in `titles`) is called. While titles are offered, offer(places of all that
  // were found, and of the one that Enter would choose) is called, too. `make` is that of picture.js.
  function picker(make, parent, label, titles, choose, offer = () => {}, shown = 7) {
    const find = finder(titles), id = `found-${Math.random().toString(36).slice(2)}`;
    const whole = make(parent, "div", { className: "picker" }), line = make(whole, "label", { textContent: `${label} ` });
    const field = make(line, "input", { type: "text", autocomplete: "off", spellcheck: false, role: "combobox" });
    const list = make(whole, "div", { id, className: "hits", role: "listbox", ariaLabel: label, hidden: true });
    const said = make(whole, "span", { className: "note", role: "status" });
    field.setAttribute("aria-controls", id);
    field.ariaAutoComplete = "list";
    let hits = [], at = 0;

    function show(open) {
      list.hidden = !open || !hits.length;
      field.ariaExpanded = String(!list.hidden);
      list.replaceChildren();
      offer(list.hidden ? [] : hits, list.hidden ? undefined : hits[at]);
      if (list.hidden) return field.removeAttribute("aria-activedescendant");
      hits.slice(0, shown).forEach((place, i) => {
        const one = make(list, "div", { id: `${id}-${i}`, role: "option", textContent: titles[place] });
        one.ariaSelected = String(i === at);
        one.onclick = () => take(i);
      });
      field.setAttribute("aria-activedescendant", `${id}-${at}`);
    }
    function take(i) {
      field.value = titles[hits[i]];
      said.textContent = "";
      show(false);
      choose(hits[i]);
      setTimeout(() => { field.focus({ preventScroll: true }); field.select(); });  // a notebook takes the focus when it is clicked
    }
    field.oninput = () => {
      [hits, at] = [find(field.value), 0];
      show(true);
      said.textContent = !plain(field.value) ? "" : hits.length ? `${hits.length} found` : "none found; fewer letters may find it";
    };
    field.onkeydown = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], n = Math.min(shown, hits.length);
      if (step && n) {
        at = list.hidden ? 0 : (at + step + n) % n;
        show(true);
      } else if (event.key === "Enter" && !list.hidden) take(at);
      else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();  // closes the list, and leaves the notebook's cell as it is
        show(false);
      } else return;
      event.preventDefault();
    };
    field.onfocus = () => field.select();
    list.onpointerdown = (event) => event.preventDefault();  // the field keeps the focus
    field.onblur = ({ relatedTarget }) => { if (parent.contains(relatedTarget)) show(false); };
    show(false);
    return field;
  }
  return { plain, finder, picker };
}
