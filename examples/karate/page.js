/** The page of the karate club: trains the compiled model a step a frame and draws what it believes. */
import { Karate } from "./karate.js";
import { graphsFrom, readSafetensors } from "./runtime.min.js";

const epochs = 60;
const $ = (id) => document.getElementById(id);
const file = await (await fetch("karate.safetensors")).arrayBuffer();

let model = await Karate.load({ seed: 1 });
let trainer = model.trainer();
const [graph] = graphsFrom(readSafetensors(file).tensors, model.signature);
const { senders, receivers } = graph.tie;
const { club, known } = graph.member;
let losses = [];

// ---- places: a few hundred rounds of springs, the same each time ---------------------------

function layout(rounds) {
  const at = Array.from(club, (_, i) => [Math.cos(i * 2.4), Math.sin(i * 2.4)]);
  for (let round = 0; round < rounds; round++) {
    const move = at.map(() => [0, 0]);
    const pull = (a, b, force) => {
      const [dx, dy] = [at[b][0] - at[a][0], at[b][1] - at[a][1]];
      const by = force(Math.hypot(dx, dy) || 1e-3);
      move[a][0] += dx * by;
      move[a][1] += dy * by;
    };
    for (let a = 0; a < at.length; a++)
      for (let b = 0; b < at.length; b++) if (a !== b) pull(a, b, (d) => -0.02 / (d * d));
    senders.forEach((a, e) => {
      pull(a, receivers[e], (d) => 0.05 * d);
      pull(receivers[e], a, (d) => 0.05 * d);
    });
    const most = 0.1 * (1 - round / rounds);
    at.forEach((place, i) => {
      const length = Math.hypot(...move[i]);
      for (const k of [0, 1]) place[k] += move[i][k] * Math.min(1, most / length);
    });
  }
  const stretch = (k, low, high) => {
    const values = at.map((place) => place[k]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return (v) => low + ((v - least) / (most - least)) * (high - low);
  };
  const [x, y] = [stretch(0, 24, 616), stretch(1, 24, 376)];
  return at.map((place) => [x(place[0]), y(place[1])]);
}

// ---- drawing -------------------------------------------------------------------------------

function element(name, attributes, parent) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return parent.appendChild(made);
}

const places = layout(400);
senders.forEach((a, e) => {
  const [[x1, y1], [x2, y2]] = [places[a], places[receivers[e]]];
  element("line", { x1, y1, x2, y2 }, $("graph"));
});
const nodes = places.map(([cx, cy], i) => {
  const node = element("circle", { cx, cy, r: 13, class: known[i] ? "known" : "" }, $("graph"));
  element("text", { x: cx, y: cy }, $("graph")).textContent = i + 1;
  return node;
});
const curve = element("polyline", {}, $("loss"));

/** Blue is the instructor's side, red the officer's; pale is undecided. */
function colour(first, second) {
  const p = 1 / (1 + Math.exp(first - second));
  return `hsl(${p < 0.5 ? 215 : 5} ${Math.round(20 + 120 * Math.abs(p - 0.5))}% 50%)`;
}

function draw() {
  const { logits } = model.run(graph).member;
  nodes.forEach((node, i) => {
    node.setAttribute("fill", colour(logits[2 * i], logits[2 * i + 1]));
  });
  const { loss, metrics } = trainer.evaluate(graph);
  const right = Math.round(32 * metrics["accuracy.rest"]);
  $("score").textContent = `step ${trainer.steps}  loss ${loss.toFixed(4)}  ${right} of 32 right`;
  const most = Math.max(...losses, 0.1);
  const points = losses.map((l, i) => `${(i / (epochs - 1)) * 640},${84 - (l / most) * 78}`);
  curve.setAttribute("points", points.join(" "));
}

// ---- what the buttons do -------------------------------------------------------------------

async function train() {
  $("train").disabled = $("again").disabled = true;
  for (let step = trainer.steps; step < epochs; step++) {
    losses.push(trainer.step(graph).loss);
    draw();
    await new Promise(requestAnimationFrame);
  }
  $("again").disabled = false;
  document.body.dataset.done = JSON.stringify(losses);
}

let seed = 1;
async function again() {
  model.dispose();
  model = await Karate.load({ seed: ++seed });
  trainer = model.trainer();
  losses = [];
  $("train").disabled = false;
  draw();
}

$("train").onclick = train;
$("again").onclick = again;
$("train").disabled = $("again").disabled = false;
draw();
