/**
 * Sequences of any lengths stand in a batch one after another, so nothing has to hide padding: each gives in a batch the
 * bits that it gives alone, through every mechanism that looks along or across sequences.
 */
import { expect, it } from "vitest";
import { numbers, openText } from "./open.js";

const text = `import { Bahdanau, Attend, AttendPredicted, Luong } from "std/align"
import { Conv, MaxPool } from "std/conv"
import { MeanReadout, AttentionReadout } from "std/readout"
import { Bidirectional, Stacked, EncoderDecoder, Last } from "std/recurrent"
import { Encoder, Decoder, MultiHead, RelativeStack } from "std/transformer"
import { Set2Set } from "std/graph"
model M {
  nodes src: seq
  nodes tgt: seq
  edges look: src -> tgt complete
  input x: src f32[8]
  input y: tgt f32[8]
  memory = Encoder<2, 2, 12>(x)
  decoded = Decoder<2, 2, 12>(y, memory) over look
  causal_ = MultiHead<2>(y, y) over causal
  strict = MultiHead<2>(y, y) over causal(strict)
  relative = RelativeStack<2, 2, 3>(x) over complete
  both = Bidirectional<5>(x)
  deep = Stacked<2, 5>(x)
  plain = EncoderDecoder<2, 5>(x, y) over look
  s, c, a = Bahdanau<4, 6>(x, y) over look
  near, b = AttendPredicted<4, 2>(y, x) over look
  fed = Luong<8>(x, y) over look
  conv = Conv<4>(x) over window(3)
  pool = MaxPool(x) over window(4)
  mean_ = MeanReadout(x)
  weighed = AttentionReadout<4>(x)
  set_ = Set2Set<2>(x)
  end = Last(x)
  output memory, decoded, causal_, strict, relative, both, deep, plain, s, c, a, near, b, fed, conv, pool, mean_, weighed, set_, end
}`;

it("gives in a batch what each sequence gives alone, bit for bit", async () => {
  using model = await openText(text);
  const lengths = [
    [5, 3],
    [1, 1],
    [17, 9],
    [0, 2],
    [4, 0],
    [33, 40],
  ];
  const graphs = lengths.map(([n = 0, m = 0], g) => ({
    src: { count: n, x: numbers(8 * n, 7 + g) },
    tgt: { count: m, y: numbers(8 * m, 70 + g) },
  }));
  const together = model.run(model.batch(graphs));
  const alone = graphs.map((graph) => model.run(graph));
  expect(together).toEqual(alone);
  const sizes = Object.values(alone[5] ?? {}).flatMap((fields) => Object.keys(fields));
  expect(sizes).toHaveLength(20);
});
