function (root, data, { assign, move, inertia }, { make, draw, labelled, menu, button, plural, axes, handle }) {
  const { points, colours } = data, LETTERS = "ABCDEF", KEPT = 6, PACE = 120;  // runs in the list; milliseconds a step
  const SHAPES = [  // of the points of each centre, so that colour is not needed to tell them apart
    (x, y) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z`,
    (x, y) => `M${x - 3.7} ${y - 3.7}h7.4v7.4h-7.4z`,
    (x, y) => `M${x} ${y - 5.2}l4.8 8.4h-9.6z`,
    (x, y) => `M${x} ${y - 5.2}l4.8 5.2-4.8 5.2-4.8-5.2z`,
    (x, y) => `M${x} ${y + 5.2}l4.8-8.4h-9.6z`,
    (x, y) => `M${x - 1.6} ${y - 5}h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4z`,
  ];
  let centers, labels, start, trail, falls, changed, rest, timer = null;  // falls: the inertia after each step
  const runs = [];
  let ended = [];  // those with as many centres as there are now
  for (const part of root.querySelectorAll("img, p")) part.remove();

  // Under the hand: buttons, the plane with its centres, how inertia falls, and where the runs ended.
  const bar = make(root, "div", { className: "bar" });
  const next = button(bar, "", () => { pause(); step(); show(true); });
  const play = button(bar, "", () => {
    if (timer) { pause(); show(); return; }
    timer = setInterval(() => {
      step();
      if (rest || !root.isConnected) pause();
      show(true);
    }, PACE);
    show();
  });
  button(bar, "Start again", () => begin(start, true));
  const counts = Array.from({ length: Math.min(LETTERS.length, points.length) }, (_, i) => i + 1);
  const many = menu(bar, "centres", counts, () => atRandom());
  button(bar, "Centres at random", () => atRandom());
  const seed = labelled(bar, "seed", "input", { type: "number", min: 0, step: 1, value: 0 });
  seed.onkeydown = (event) => { if (event.key === "Enter" && !event.repeat) atRandom(); };
  const tick = make(make(bar, "label", {}), "input", { type: "checkbox" });
  make(tick.parentElement, "span", { textContent: " colour while I drag" });

  const said = make(root, "p", { className: "step", ariaLive: "polite" });
  const beside = make(root, "div", { className: "beside" });
  const left = make(beside, "div", {}), right = make(beside, "div", {});
  const key = make(left, "p", { className: "key" });
  const [x, y] = [{ ends: data.x, label: data.xlabel }, { ends: data.y, label: data.ylabel }];
  const [wide, tall] = [x, y].map(({ ends: [low, high] }) => high - low);
  const plane = axes(left, { x, y, height: (width) => (width * tall) / wide }, show);
  plane.svg.setAttribute("aria-label", "The plane: drag a centre, or move it with the arrow keys");
  const free = draw(plane.inside, "path", { class: "points", fill: "#888" });
  const owned = colours.map((fill) => draw(plane.inside, "path", { class: "points", fill }));
  const trails = draw(plane.inside, "path", { class: "trail" }), marks = draw(plane.above, "g", {});
  const now = make(right, "p", { className: "big" });
  const rounds = { ends: [0.5, 10], whole: true, label: "round" }, fallen = { ends: [0, 1], label: "inertia" };
  const curve = axes(right, { x: rounds, y: fallen, height: 200 }, show);
  curve.svg.setAttribute("aria-label", "Inertia after each step");
  const best = draw(curve.inside, "path", { class: "best" }), line = draw(curve.inside, "path", { class: "fall" });
  const dots = draw(curve.inside, "path", { fill: "currentColor" });
  make(right, "p", { className: "note", textContent: "● after assign, ■ after move; dashed: the best run so far. "
    + "Inertia adds up the squared distances from all points to their centres." });
  const list = make(right, "div", { className: "runs" }), heading = make(list, "p", { className: "step" });

  function begin({ centers: places, how }, glide) {
    pause();
    [centers, labels, trail, falls, rest] = [places, null, [places], [], false];
    start = { centers: places, how };
    if (marks.childElementCount !== centers.length) appear();
    many.value = centers.length;
    show(glide);
  }
  function appear() {
    marks.replaceChildren();
    centers.forEach((_, j) => {
      const mark = handle(marks, plane, "centre", () => centers[j], (x, y) => {
        const within = (place, [low, high]) => Math.max(low, Math.min(high, place));
        const there = [within(x, data.x), within(y, data.y)];
        begin({ centers: centers.map((place, i) => (i === j ? there : place)), how: "by hand" }, false);
        if (tick.checked) { step(); show(); }
      });
      draw(mark, "circle", { r: 13, class: "dot", stroke: colours[j] }).style.stroke = colours[j];
      draw(mark, "text", { y: 5 }, LETTERS[j]);
      mark.setAttribute("aria-label", `centre ${LETTERS[j]}`);
    });
  }
  function atRandom() {  // some of the points, as scikit-learn's init="random"; the same for the same seed
    const number = seed.valueAsNumber;
    if (!(number >= 0 && number % 1 === 0)) {
      said.textContent = "Give a whole number of 0 or more as the seed.";
      return;
    }
    let state = ((number + 1) * 7919) % 2147483647;
    const chosen = new Set();
    while (chosen.size < Number(many.value)) {
      state = (state * 48271) % 2147483647;
      chosen.add(Math.floor((state / 2147483647) * points.length));
    }
    seed.value = number + 1;  // another start next time
    begin({ centers: [...chosen].map((i) => points[i]), how: `seed ${number}` }, true);
  }
  function step() {  // assign after an even number of steps, move after an odd one
    if (rest) return;
    if (falls.length % 2) {
      centers = move(points, centers, labels);
      trail.push(centers);
    } else {
      const before = labels;
      labels = assign(points, centers);
      changed = before ? labels.filter((label, i) => label !== before[i]).length : points.length;
      rest = changed === 0;
    }
    falls.push(inertia(points, centers, labels));
    if (rest) runs.push({ ...start, rounds: (falls.length + 1) / 2, inertia: falls.at(-1) });
  }
  function pause() {
    clearInterval(timer);
    timer = null;
  }

  const short = (value) => value.toLocaleString("en", { maximumSignificantDigits: 4 });
  function told() {
    const round = Math.ceil(falls.length / 2), moving = falls.length % 2 === 0;
    if (!falls.length) return "Drag the centres where you want them to start. Then assign.";
    if (moving) return `Round ${round}, move: every centre goes to the mean of its points.`;
    const idle = centers.map((_, j) => LETTERS[j]).filter((_, j) => !labels.includes(j));
    const alone = idle.length ? ` ${idle.join(" and ")} ${idle.length > 1 ? "have" : "has"} no point.` : "";
    if (rest) return `At rest in round ${round}: no point changes its centre.${alone}`;
    if (round === 1) return `Round 1, assign: every point takes the nearest centre.${alone}`;
    return `Round ${round}, assign: ${plural(changed, "point")} changed centre.${alone}`;
  }
  function show(glide = false) {
    const places = points.map(([x, y]) => [plane.x(x), plane.y(y)].map((place) => Math.round(10 * place) / 10));
    const drawn = (j, shape) => places.map(([x, y], i) => (!labels || labels[i] === j ? shape(x, y) : "")).join("");
    free.setAttribute("d", labels ? "" : drawn(0, SHAPES[0]));
    owned.forEach((path, j) => path.setAttribute("d", labels ? drawn(j, SHAPES[j]) : ""));
    const way = (j) => trail.map((places) => `${plane.x(places[j][0])} ${plane.y(places[j][1])}`).join("L");
    trails.setAttribute("d", centers.map((_, j) => `M${way(j)}`).join(""));
    marks.classList.toggle("glide", glide === true);
    key.replaceChildren();
    centers.forEach(([x, y], j) => {
      const members = labels ? plural(labels.filter((label) => label === j).length, "point") : "no points yet";
      const mark = marks.children[j], [across, down] = plane.place(x, y);
      mark.style.transform = `translate(${across}px, ${down}px)`;
      mark.setAttribute("aria-valuenow", x.toFixed(3));
      mark.setAttribute("aria-valuetext", `${data.xlabel} ${x.toFixed(2)}, ${data.ylabel} ${y.toFixed(2)}, ${members}`);
      const entry = make(key, "span", {}), icon = draw(entry, "svg", { width: 14, height: 14, "aria-hidden": true });
      draw(icon, "path", { d: SHAPES[j](7, 7), fill: colours[j] });
      entry.append(labels ? `${LETTERS[j]}: ${members}` : LETTERS[j]);
    });
    said.textContent = told();
    next.textContent = falls.length % 2 && !rest ? "Move" : "Assign";
    play.textContent = timer ? "Pause" : "Until it stops";
    next.ariaDisabled = play.ariaDisabled = String(rest);  // disabled, they would lose the focus
    showFall();
  }
  function showFall() {
    ended = runs.filter((run) => run.centers.length === centers.length).reverse();
    const lowest = Math.min(...ended.map((run) => run.inertia));
    const first = falls[0] ?? inertia(points, centers, assign(points, centers));
    const power = 10 ** Math.floor(Math.log10(first || 1));  // the axis ends at a round number, so that it keeps still
    const top = power * [1, 1.5, 2, 3, 5, 7.5, 10].find((factor) => factor * power >= first);
    const last = Math.max(10, Math.ceil(falls.length / 2) + 1);
    if (fallen.ends[1] !== top || rounds.ends[1] !== last) {
      [rounds.ends[1], fallen.ends[1]] = [last, top];
      curve.layout();
    }
    const at = falls.map((value, i) => [curve.x(1 + i / 2), curve.y(value)]);
    line.setAttribute("d", at.length ? `M${at.map((place) => place.join(" ")).join("L")}` : "");
    dots.setAttribute("d", at.map(([x, y], i) => SHAPES[i % 2](x, y)).join(""));
    best.setAttribute("d", ended.length ? `M0 ${curve.y(lowest)}H${curve.width}` : "");
    now.textContent = falls.length ? `Inertia ${short(falls.at(-1))}` : "Inertia";
    heading.textContent = ended.length ? `Where runs with ${centers.length} centres ended` : "";
    for (let i = list.childElementCount - 1; i < Math.min(KEPT, ended.length); i++) {
      button(list, "", () => begin(ended[i], true)).title = "Put the centres where this run started";
    }
    [...list.querySelectorAll("button")].forEach((row, i) => {
      row.hidden = i >= ended.length;
      if (row.hidden) return;
      const { how, rounds, inertia: value } = ended[i], isBest = short(value) === short(lowest);
      const verdict = isBest ? "best" : `${short(Number((100 * (value / lowest - 1)).toPrecision(2)))}% above the best`;
      row.textContent = `${how}: ${short(value)} in round ${rounds}, ${verdict}`;
      row.classList.toggle("lowest", isBest);
    });
  }
  for (const { layout } of [plane, curve]) layout();
  begin({ centers: data.centers, how: "as given" }, false);
}
