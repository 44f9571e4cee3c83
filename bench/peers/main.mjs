/**
 * One peer on one workload, in a process of its own: `node main.mjs PEER WORKLOAD VARIANT [SECONDS]` prints a JSON line,
 * `node main.mjs PEER --list` what the peer can do.
 */
import { workloads } from "../workloads/index.mjs";
import { perform } from "./measure.mjs";
import { peers } from "./index.mjs";

const [name, workload, variant, seconds = "1"] = process.argv.slice(2);
const { open } = peers[name];

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

if (workload === "--list") {
  const { table } = await open();
  const can = Object.entries(table).map(([work, does]) => [work, typeof does === "string" ? does : Object.keys(does)]);
  console.log(JSON.stringify(Object.fromEntries(can)));
} else {
  const clock = { seconds: Number(seconds), least: 2, cpu };
  const result = await perform(open, workload, workloads[workload], variant, clock);
  console.log(JSON.stringify(result));
}
process.exit(0);
