/* Draws the ties of a case over the server's own places, and unfolds a node's further ties. Without
   it, the table below the picture tells the same. Arrow keys go from node to node, Enter unfolds,
   O opens the node's page; nothing moves by itself. */
"use strict";
const box = document.querySelector("[data-graph]");
const said = document.querySelector("[data-graph-said]");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const COLOURS = {
  case: "--ink-1", report: "--sky-5", account: "--sky-7", wallet: "--sky-7", card: "--sky-7",
  phone: "--wheat-5", handle: "--wheat-7", person: "--worm-5", exit: "--madder-5",
};
const SQUARE = new Set(["case", "report", "handle", "exit"]);

const element = (node, at) => ({
  group: "nodes",
  data: { ...node, colour: token(COLOURS[node.kind] || "--line-strong"),
    shape: SQUARE.has(node.kind) ? "round-rectangle" : "ellipse" },
  position: at || { x: node.x, y: node.y },
  classes: node.kind,
});
const tie = (edge) => ({
  group: "edges",
  data: { id: `${edge.source}>${edge.target}>${edge.kind}`, ...edge },
  classes: edge.kind,
});

const style = () => [
  { selector: "node", style: {
    "background-color": "data(colour)", shape: "data(shape)", width: 18, height: 18,
    label: "data(label)", color: token("--ink-1"), "font-size": 12,
    "font-family": "Golos, DejaVu Sans, sans-serif", "text-margin-y": -4,
    "text-outline-color": token("--felt-1"), "text-outline-width": 2,
    "text-max-width": 150, "text-wrap": "ellipsis" } },
  { selector: "node.drop", style: {
    "background-color": token("--felt-0"), "border-width": 4, "border-style": "double",
    "border-color": token("--madder-7") } },
  { selector: "node:selected", style: {
    "border-width": 4, "border-style": "solid", "border-color": token("--sun") } },
  { selector: "edge", style: {
    width: 1.5, "line-color": token("--line-strong"), "curve-style": "bezier",
    "target-arrow-color": token("--line-strong") } },
  { selector: "edge.money", style: {
    "target-arrow-shape": "triangle", "line-color": token("--ink-3"), width: 2.5,
    "target-arrow-color": token("--ink-3") } },
  { selector: "edge:selected, edge.near", style: {
    label: "data(why)", "font-size": 11, color: token("--ink-1"), "text-rotation": "autorotate",
    "text-outline-color": token("--felt-1"), "text-outline-width": 2,
    "line-color": token("--sky-5"), "target-arrow-color": token("--sky-5") } },
];

const tell = (node) => {
  const ties = node.connectedEdges().map((edge) => edge.data("why"));
  said.textContent = [node.data("label"), node.data("about"), ...new Set(ties)].join(" · ");
};

const choose = (graph, node) => {
  graph.elements().unselect().removeClass("near");
  node.select();
  node.connectedEdges().addClass("near");
  tell(node);
};

/** The node that lies nearest in the direction of an arrow key. */
const towards = (graph, from, key) => {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const at = from.position();
  const cost = (node) => {
    const x = node.position("x") - at.x, y = node.position("y") - at.y;
    const along = x * dx + y * dy, across = Math.abs(x * dy) + Math.abs(y * dx);
    return along > 1 ? along + 3 * across : Infinity;
  };
  const next = graph.nodes().min((node) => cost(node));
  return next.value === Infinity ? from : next.ele;
};

const unfold = async (graph, node) => {
  if (node.data("unfolded") || !/^(id|case):/.test(node.id())) return;
  if (graph.nodes().length >= Number(box.dataset.most)) {
    said.textContent = box.dataset.full;
    return;
  }
  const answer = await fetch(`${box.dataset.graph}?of=${encodeURIComponent(node.id())}`);
  if (!answer.ok) return;
  const found = await answer.json();
  const at = node.position(), room = Number(box.dataset.most) - graph.nodes().length;
  const fresh = found.nodes.filter((each) => graph.getElementById(each.id).empty()).slice(0, room);
  fresh.forEach((each, place) => {
    const turn = (place / Math.max(1, fresh.length)) * 2 * Math.PI, far = 90 + fresh.length * 4;
    graph.add(element(each, { x: at.x + far * Math.cos(turn), y: at.y + far * Math.sin(turn) }));
  });
  for (const edge of found.edges) {
    const made = tie(edge);
    const ends = [edge.source, edge.target].every((end) => graph.getElementById(end).nonempty());
    if (ends && graph.getElementById(made.data.id).empty()) graph.add(made);
  }
  node.data("unfolded", true);
  choose(graph, node);
  said.textContent = found.told;
};

const start = async () => {
  const answer = await fetch(box.dataset.graph);
  if (!answer.ok) return;
  const found = await answer.json();
  const span = (side) => {
    const all = found.nodes.map((node) => node[side]);
    return Math.max(...all) - Math.min(...all);
  };
  box.hidden = false;
  if (box.clientWidth < 600 && span("x") > span("y"))  // a telephone: downwards, closer together
    for (const node of found.nodes) [node.x, node.y] = [1.6 * node.y, 0.55 * node.x];
  box.classList.toggle("low", span("y") < 0.3 * span("x"));
  const graph = cytoscape({
    container: box, style: style(), layout: { name: "preset", fit: true, padding: 30 },
    elements: [...found.nodes.map((node) => element(node)), ...found.edges.map(tie)],
    minZoom: 0.2, maxZoom: 2.5,
  });
  said.textContent = "";
  const first = () => graph.nodes(":selected")[0] || graph.nodes()[0];
  graph.on("tap", "node", (event) => choose(graph, event.target));
  graph.on("dbltap", "node", (event) => unfold(graph, event.target));
  graph.on("tap", "edge", (event) => { said.textContent = event.target.data("why"); });
  box.addEventListener("focus", () => graph.nodes().nonempty() && choose(graph, first()));
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || graph.nodes().empty()) return;
    if (event.key.startsWith("Arrow")) choose(graph, towards(graph, first(), event.key));
    else if (event.key === "Enter") unfold(graph, first());
    else if (event.code === "KeyO" && first().data("href")) location.assign(first().data("href"));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.dataset.ready = "1";
};

if (box && typeof cytoscape === "function") start();
