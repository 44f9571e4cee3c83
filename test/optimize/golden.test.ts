/** What naive spellings become. The listings are those of `gnc compile --emit tensor`: read them by eye. */
import { describe, expect, it } from "vitest";
import { rewrite } from "../../compiler/3-optimize/optimize.js";
import type { Tensor } from "../../compiler/ir/tensor.js";
import { printTensors } from "../../compiler/ir/tensor.print.js";
import * as feedForward from "../support/cases/feed-forward.js";
import { leavesOf } from "../support/central-difference.js";
import type { Case } from "../support/notation.js";
import { joint } from "./support/agreement.js";
import * as programs from "./support/programs.js";

const forward = ({ table, results }: Case): string => printTensors(rewrite(table, results));

/** Values and gradients: laws, derivatives, laws again. */
function training({ table, results }: Case, of: readonly string[] = ["param"]): string {
  const first = rewrite(table, results);
  const cotangents = results.map((y) => table.input("g", y.space, y.axes, "f32"));
  const wrt = leavesOf(results).filter((x: Tensor) => of.includes(x.op));
  return printTensors(rewrite(table, joint(table, first, wrt, cotangents), undefined, true));
}

describe("GCN in three spellings", () => {
  it.each([
    [2, 5],
    [5, 2],
    [3, 3],
  ])("is one tensor, %i features to %i", (inputs, outputs) => {
    const { n, spellings } = programs.gcn(inputs, outputs);
    const [first, ...others] = rewrite(n.table, Object.values(spellings));
    for (const other of others) expect(other).toBe(first);
  });

  it("gathers before the projection that widens, behind the one that narrows", () => {
    const wide = programs.gcn(2, 5);
    const narrow = programs.gcn(5, 2);
    const of = ({ n, spellings }: typeof wide): string =>
      forward(n.case(spellings["project on the edge"]));
    expect(of(wide)).toMatchInlineSnapshot(`
      "axes in 2, out 5
      t1{atom}: i32 = count(receiver(bond))
      t2{atom} = to_f32(t1)
      t3{atom} = rsqrt(t2)
      W{batch; in, out} = param W[in, out]
      x{atom; in} = input x[in]
      t4{atom; in} = x · t3
      t5{atom; in} = Σ receiver(bond) (t4[sender])
      t6{atom; out} = Σ in (W · t5)
      t7{atom; out} = t3 · t6
      "
    `);
    expect(of(narrow)).toMatchInlineSnapshot(`
      "axes in 5, out 2
      t1{atom}: i32 = count(receiver(bond))
      t2{atom} = to_f32(t1)
      t3{atom} = rsqrt(t2)
      x{atom; in} = input x[in]
      W{batch; in, out} = param W[in, out]
      t4{atom; out} = Σ in (x · W)
      t5{atom; out} = t3 · t4
      t6{atom; out} = Σ receiver(bond) (t5[sender])
      t7{atom; out} = t3 · t6
      "
    `);
  });
});

describe("the normal form", () => {
  it("of GAT shares t = g · y with the forward, and recomputes nothing on nodes", () => {
    expect(training(feedForward.gat())).toMatchInlineSnapshot(`
      "axes i 4, h 3, d 2
      x{atom; i} = input x[i]
      W{batch; i, h, d} = param W[h, i, d]
      t1{atom; h, d} = Σ i (x · W)
      a_s{batch; h, d} = param a_s[h, d]
      t2{atom; h} = Σ d (t1 · a_s)
      a_r{batch; h, d} = param a_r[h, d]
      t3{atom; h} = Σ d (t1 · a_r)
      t4{bond; h} = t2[sender] + t3[receiver]
      t5{bond; h} = 0.2 t4
      t6{bond; h} = max(t4, t5)
      t7{atom; h} = lse receiver(bond) (t6)
      t8{bond; h} = -t7[receiver]
      t9{bond; h} = t6 + t8
      t10{bond; h} = exp(t9)
      t11{atom; h, d} = Σ receiver(bond) (t1[sender] · t10)
      g{atom; h, d} = input g[h, d]
      t12{atom; h, d} = Σ sender(bond) (t10 · g[receiver])
      t13{bond; h}: bool = t4 >= t5
      t14{bond; h} = Σ d (t1[sender] · g[receiver])
      t15{bond; h} = t10 · t14
      t16{atom; h} = -Σ d (t11 · g)
      t17{bond; h} = t10 · t16[receiver]
      t18{bond; h} = t15 + t17
      t19{bond; h} = select(t13, t18, 0)
      t20{bond; h}: bool = t4 < t5
      t21{bond; h} = select(t20, t18, 0)
      t22{bond; h} = 0.2 t21
      t23{bond; h} = t19 + t22
      t24{atom; h} = Σ receiver(bond) (t23)
      t25{atom; h, d} = a_r · t24
      t26{atom; h} = Σ sender(bond) (t23)
      t27{atom; h, d} = a_s · t26
      t28{atom; h, d} = t25 + t27
      t29{atom; h, d} = t12 + t28
      t30{batch; i, h, d} = Σ all(atom) (x · t29)
      t31{batch; h, d} = Σ all(atom) (t1 · t26)
      t32{batch; h, d} = Σ all(atom) (t1 · t24)
      "
    `);
  });
  it("of GraphSAGE divides once for each node", () => {
    expect(forward(programs.sage())).toMatchInlineSnapshot(`
      "axes in 4, out 3
      x{atom; in} = input x[in]
      W{batch; in, out} = param W[in, out]
      t1{atom; out} = Σ in (x · W)
      t2{atom}: i32 = count(receiver(bond))
      t3{atom} = to_f32(t2)
      t4{atom} = max(t3, 1)
      t5{atom} = 1 / t4
      V{batch; in, out} = param V[in, out]
      t6{atom; out} = Σ in (x · V)
      t7{atom; out} = Σ receiver(bond) (t6[sender])
      t8{atom; out} = t5 · t7
      t9{atom; out} = t1 + t8
      "
    `);
  });
  it("of GIN is as written", () => {
    expect(forward(programs.gin())).toMatchInlineSnapshot(`
      "axes h 5, out 2, in 4
      W2{batch; h, out} = param W2[h, out]
      W1{batch; in, h} = param W1[in, h]
      x{atom; in} = input x[in]
      eps{batch} = param eps
      t1{batch} = eps + 1
      t2{atom; in} = x · t1
      t3{atom; in} = Σ receiver(bond) (x[sender])
      t4{atom; in} = t2 + t3
      t5{atom; h} = Σ in (W1 · t4)
      t6{atom; h} = tanh(t5)
      t7{atom; out} = Σ h (W2 · t6)
      "
    `);
  });
  it("of a sparse GCN walks the stored values, forward and backward", () => {
    expect(training(feedForward.sparseGcn())).toMatchInlineSnapshot(`
      "axes d 3, f 5
      b{batch; d} = param b[d]
      t1{paper}: i32 = count(receiver(cites))
      t2{paper} = to_f32(t1)
      t3{paper} = max(t2, 1)
      t4{paper} = rsqrt(t3)
      W{batch; f, d} = param W[f, d]
      t5{paper.x}: i32 = column
      t6{paper.x; d} = W[f = t5]
      t7{paper.x} = random #1[]
      t8{paper.x}: bool = t7 >= 0.5
      t9{paper.x} = select(t8, 2, 0)
      paper.x{paper.x} = input paper.x
      t10{paper.x} = t9 · paper.x
      t11{paper; d} = Σ row(paper.x) (t6 · t10)
      t12{paper; d} = t4 · t11
      t13{paper; d} = Σ receiver(cites) (t12[sender])
      t14{paper; d} = t4 · t13
      t15{paper; d} = b + t14
      t16{paper; d} = relu(t15)
      t17{paper; d}: bool = t16 > 0
      g{paper; d} = input g[d]
      t18{paper; d} = select(t17, g, 0)
      t19{paper; d} = t4 · t18
      t20{paper; d} = Σ sender(cites) (t19[receiver])
      t21{paper; d} = t4 · t20
      t22{batch; f, d} = Σ all(paper.x) (t10 · t21[row]) at f = t5
      t23{batch; d} = Σ all(paper) (t18)
      "
    `);
  });
  it("of R-GCN with few types is one product of bucketed sums", () => {
    expect(forward(programs.rgcn(2, 3, 4))).toMatchInlineSnapshot(`
      "axes k 2, in 3, out 4, class 2
      W{batch; k, in, out} = param W[k, in, out]
      t1{atom; in, out, class} = W[k → class]
      type{bond}: i32 = input type
      t2{atom; class} = Σ receiver(bond) (1) at class = type
      t3{atom; class}: bool = t2 > 0
      t4{atom; class} = 1 / t2
      t5{atom; class} = select(t3, t4, 0)
      x{atom; in} = input x[in]
      t6{atom; in, class} = Σ receiver(bond) (x[sender]) at class = type
      t7{atom; in, class} = t5 · t6
      t8{atom; out} = Σ in, class (t1 · t7)
      "
    `);
  });
  it("of a strided convolution is one product; backward it projects first", () => {
    const listing = training(feedForward.convolution("as written"), ["param", "input"]);
    expect(listing).toMatchInlineSnapshot(`
      "axes tap 9, ci 2, co 3
      W{batch; tap, ci, co} = param W[tap, ci, co]
      x{image; ci} = input x[ci]
      t1{taps}: i32 = offset
      t2{small; tap, ci} = Σ receiver(taps) (x[sender]) at tap = t1
      t3{small; co} = Σ tap, ci (W · t2)
      t4{small; co} = relu(t3)
      t5{small; co}: bool = t4 > 0
      g{small; co} = input g[co]
      t6{small; co} = select(t5, g, 0)
      t7{small; tap, ci} = Σ co (W · t6)
      t8{taps; ci} = t7[receiver; tap = t1]
      t9{image; ci} = Σ sender(taps) (t8)
      t10{batch; tap, ci, co} = Σ all(small) (t2 · t6)
      "
    `);
  });
  it("of an edge network projects each part of the concatenation where it lives", () => {
    expect(forward(programs.interaction())).toMatchInlineSnapshot(`
      "axes h 5, out 2, e 2, whole 8, in 3
      V{batch; h, out} = param V[h, out]
      r{bond; e} = input r[e]
      W{batch; h, whole} = param W[whole, h]
      t1{batch; e, h} = W[whole = 6 + e]
      t2{bond; h} = Σ e (r · t1)
      x{atom; in} = input x[in]
      t3{batch; in, h} = W[whole = in]
      t4{atom; h} = Σ in (x · t3)
      t5{bond; h} = t2 + t4[sender]
      t6{batch; in, h} = W[whole = 3 + in]
      t7{atom; h} = Σ in (x · t6)
      b{batch; h} = param b[h]
      t8{atom; h} = t7 + b
      t9{bond; h} = t5 + t8[receiver]
      t10{bond; h} = tanh(t9)
      t11{atom; h} = Σ receiver(bond) (t10)
      t12{atom; out} = Σ h (V · t11)
      "
    `);
  });
  it("of a fully connected layer is a matrix for each graph", () => {
    expect(forward(programs.dense())).toMatchInlineSnapshot(`
      "axes n 4, m 4
      x{atom} = input x
      t1{atom}: i32 = index
      t2{global; n} = Σ graph(atom) (x) at n = t1
      W{batch; n, m} = param W[n, m]
      t3{global; m} = Σ n (t2 · W)
      t4{atom} = t3[graph; m = t1]
      "
    `);
  });
  it("of Shaw's tables buckets the weights and projects the queries", () => {
    expect(forward(programs.shawValues())).toMatchInlineSnapshot(`
      "axes h 2, d 6, rel 3
      v{atom; h, d} = input v[h, d]
      q{atom; h, d} = input q[h, d]
      k{atom; h, d} = input k[h, d]
      t1{bond; h} = Σ d (q[receiver] · k[sender])
      RK{batch; d, rel} = param RK[rel, d]
      t2{atom; h, rel} = Σ d (q · RK)
      t3{atom}: i32 = index
      t4{bond}: i32 = t3[sender] - t3[receiver]
      t5{bond}: i32 = max(t4, -1)
      t6{bond}: i32 = min(1, t5)
      t7{bond}: i32 = 1 + t6
      t8{bond; h} = t2[receiver; rel = t7]
      t9{bond; h} = t1 + t8
      t10{bond; h} = tanh(t9)
      t11{atom; h, d} = Σ receiver(bond) (v[sender] · t10)
      RV{batch; d, rel} = param RV[rel, d]
      t12{atom; h, rel} = Σ receiver(bond) (t10) at rel = t7
      t13{atom; h, d} = Σ rel (RV · t12)
      t14{atom; h, d} = t11 + t13
      "
    `);
  });
  it("of dropout on sparse features draws for the stored values only", () => {
    expect(forward(programs.sparseDropout())).toMatchInlineSnapshot(`
      "axes i 5, f 5, out 3
      s{atom} = input s
      t1{atom; i} = random #1[i]
      t2{atom.x}: i32 = column
      t3{atom.x} = t1[row; i = t2]
      t4{atom.x}: bool = t3 >= 0.5
      atom.x{atom.x} = input atom.x
      t5{atom.x} = 2 atom.x
      t6{atom.x} = select(t4, t5, 0)
      t7{atom.x} = relu(t6)
      W{batch; f, out} = param W[f, out]
      t8{atom.x; out} = W[f = t2]
      t9{atom; out} = Σ row(atom.x) (t7 · t8)
      t10{atom; out} = s · t9
      t11{atom; out} = Σ row(atom.x) (atom.x · t8)
      t12{atom; out} = Σ receiver(bond) (t11[sender])
      "
    `);
  });
});
