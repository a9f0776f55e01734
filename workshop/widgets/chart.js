function () {
  // Axes in the page, linear or logarithmic and as wide as there is room; what stands in them is the caller's.
  const number = (value) => value.toLocaleString("en");
  function percent(share) {  // two digits where it is small, and 100% for all only
    const value = 100 * share;
    if (value > 99 && value < 100) return `${Math.floor(10 * value) / 10}%`;
    return `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)}%`;
  }
  function powers({ low, high }, room) {  // 1, 10, 100 and, where they fit, 2 and 5 times these: what is counted
    const steps = room / Math.log10(high / low) > 130 ? [1, 2, 5] : [1], found = [];
    for (let power = 1; power <= high; power *= 10) found.push(...steps.map((step) => step * power));
    return found.filter((value) => value >= low && value <= high);
  }

  // axes: x and y, each with its ends low and high, label, and log, ticks or format where these are wanted; height and,
  // where names stand for numbers, the margins left and right, in pixels. What redraws lays out first, as axes may have changed.
  function chart({ draw, ticks }, parent, axes, redraw) {
    const TOP = 10, margin = () => [axes.left ?? 62, axes.right ?? 14];
    const svg = draw(parent, "svg", { class: "plot", role: "group" }), frame = draw(svg, "g", {});
    const inside = draw(svg, "svg", { y: TOP });  // what leaves the axes is cut off
    const above = draw(svg, "g", {});
    let width = 0;
    const share = ({ low, high, log }, value) => (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
    const x = (value) => width * share(axes.x, value), y = (value) => axes.height * (1 - share(axes.y, value));

    function layout() {
      const { height } = axes, [LEFT, RIGHT] = margin();
      const whole = Math.max(280, (parent.clientWidth || 812) - 12), bottom = axes.x.label ? 46 : 6;
      width = whole - LEFT - RIGHT;
      svg.setAttribute("viewBox", `0 0 ${whole} ${TOP + height + bottom}`);
      svg.style.width = `${whole}px`;
      above.setAttribute("transform", `translate(${LEFT} ${TOP})`);
      for (const [name, value] of Object.entries({ x: LEFT, width, height })) inside.setAttribute(name, value);
      frame.replaceChildren();
      const text = (left, down, said, anchor = "middle", turn = 0) =>
        draw(frame, "text", { transform: `translate(${LEFT + left} ${TOP + down}) rotate(${turn})`, "text-anchor": anchor }, said);
      const all = (axis, room) => axis.ticks ?? (axis.log ? powers(axis, room) : ticks(axis.low, axis.high));
      const said = (axis, value) => (axis.format ?? number)(value);
      for (const value of all(axes.y, height)) {
        draw(frame, "path", { d: `M${LEFT} ${TOP + y(value)}h${width}`, class: "grid" });
        text(-7, y(value) + 5, said(axes.y, value), "end");
      }
      const shown = all(axes.x, width), every = Math.ceil((shown.length * 52) / width);  // a tick needs 52 pixels
      shown.forEach((value, i) => { if (axes.x.label && i % every === 0) text(x(value), height + 19, said(axes.x, value)); });
      draw(frame, "rect", { x: LEFT, y: TOP, width, height, class: "frame" });
      if (axes.x.label) text(width / 2, height + 40, axes.x.label);
      if (axes.y.label) text(16 - LEFT, height / 2, axes.y.label, "middle", -90);
    }
    new ResizeObserver(redraw).observe(parent);
    return {
      svg, inside, above, x, y, layout,
      get width() { return width; },
      get height() { return axes.height; },
      at(event) {  // where a pointer stands, in the pixels of the axes
        const box = svg.getBoundingClientRect(), zoom = svg.viewBox.baseVal.width / box.width;
        return [(event.clientX - box.left) * zoom - margin()[0], (event.clientY - box.top) * zoom - TOP];
      },
      xAt(pixel) {  // the value there
        const { low, high, log } = axes.x, part = Math.max(0, Math.min(1, pixel / width));
        return log ? low * (high / low) ** part : low + part * (high - low);
      },
    };
  }

  // What a pointer presses or drags in `svg` is told to move(event); `mark` has the focus, and with it the keys.
  function follow(svg, mark, move) {
    svg.onpointerdown = (event) => {
      svg.setPointerCapture(event.pointerId);
      mark.focus({ preventScroll: true });
      event.preventDefault();
      move(event);
    };
    svg.onpointermove = (event) => { if (svg.hasPointerCapture(event.pointerId)) move(event); };
  }
  return { number, percent, chart, follow };
}
