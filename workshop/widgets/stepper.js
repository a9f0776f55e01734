function (root, data) {
  const make = (parent, tag, attributes) => Object.assign(parent.appendChild(document.createElement(tag)), attributes);
  const image = root.querySelector("img"), caption = root.querySelector("figcaption"), chosen = data.start.slice();
  const options = data.controls[0].options, last = options.length - 1;
  const bar = document.createElement("div");
  bar.className = "bar";
  root.insertBefore(bar, image);
  let timer = null;

  const button = (text, label, action) => {
    const made = make(bar, "button", { type: "button", textContent: text, title: label, onclick: action });
    made.setAttribute("aria-label", label);
    return made;
  };
  const first = button("|◀", "First picture (Home)", () => go(0));
  const back = button("◀", "Back (left arrow)", () => go(chosen[0] - 1));
  const play = button("Play", "Play or pause (space)", toggle);
  const forward = button("▶", "Forward (right arrow)", () => go(chosen[0] + 1));
  const end = button("▶|", "Last picture (End)", () => go(last));
  const slider = make(bar, "input", { type: "range", min: 0, max: last, step: 1 });
  slider.setAttribute("aria-label", data.controls[0].name);
  slider.oninput = () => go(Number(slider.value));
  const output = make(bar, "output", {});
  output.setAttribute("aria-live", "polite");
  data.controls.slice(1).forEach((control, number) => {
    const label = make(bar, "label", { textContent: control.name + " " });
    const select = make(label, "select", { onchange: () => { chosen[number + 1] = select.selectedIndex; show(); } });
    control.options.forEach((text) => make(select, "option", { textContent: text }));
    select.selectedIndex = chosen[number + 1];
  });

  function toggle() {
    if (timer) return stop();
    if (chosen[0] === last) go(0);
    timer = setInterval(() => (chosen[0] < last ? show(++chosen[0]) : stop()), 800);
    play.textContent = "Pause";
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }
  function go(step) {
    stop();
    chosen[0] = Math.max(0, Math.min(last, step));
    show();
  }
  function show() {
    const place = data.controls.reduceRight((sum, control, i) => sum * control.options.length + chosen[i], 0);
    const frame = data.frames[place];
    image.src = frame.source;
    image.alt = caption.textContent = frame.alt;
    slider.value = chosen[0];
    output.textContent = data.controls[0].name + ": " + options[chosen[0]];
    slider.setAttribute("aria-valuetext", options[chosen[0]]);
    first.ariaDisabled = back.ariaDisabled = String(chosen[0] === 0);  // disabled, they would lose the focus
    forward.ariaDisabled = end.ariaDisabled = String(chosen[0] === last);
  }
  const keys = {
    ArrowLeft: () => go(chosen[0] - 1), ArrowRight: () => go(chosen[0] + 1), Home: () => go(0), End: () => go(last),
    " ": toggle,
  };
  root.addEventListener("keydown", (event) => {
    const own = event.target.tagName === "SELECT" || (event.key === " " && event.target.tagName === "BUTTON");
    if (!(event.key in keys) || own || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  show();
}
