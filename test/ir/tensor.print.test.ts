import { describe, expect, it } from "vitest";
import { allOf } from "../../compiler/ir/space.js";
import { printTensors } from "../../compiler/ir/tensor.print.js";
import { gat } from "../support/cases/feed-forward.js";
import { transformerGreedy } from "../support/cases/recurrent.js";
import { Notation, nodes } from "../support/notation.js";

describe("a listing", () => {
  it("reads as formulas", () => {
    expect(printTensors(gat().results)).toMatchInlineSnapshot(`
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
      t8{bond; h} = t6 - t7[receiver]
      t9{bond; h} = exp(t8)
      t10{atom; h, d} = Σ receiver(bond) (t9 · t1[sender])
      "
    `);
  });

  it("shows a recurrence as a block", () => {
    expect(printTensors(transformerGreedy().results.slice(0, 1))).toMatchInlineSnapshot(`
      "axes v 6, d 3, k 4, o 3
      E{batch; v, d} = param E[v, d]
      Wq{batch; d, k} = param Wq[d, k]
      Wk{batch; d, k} = param Wk[d, k]
      Wv{batch; d, o} = param Wv[d, o]
      Wo{batch; v, o} = param Wo[o, v]
      t18 = recur token{word}: i32 by index(word) {
        t1{word; d} = E[v = token]
        t2{word; k} = Σ d (t1 · Wq)
        t3{word; k} = Σ d (t1 · Wk)
        t4{past} = Σ k (t2[receiver] · t3[sender])
        t5{word} = lse receiver(past) (t4)
        t6{past} = t4 - t5[receiver]
        t7{past} = exp(t6)
        t8{word; o} = Σ d (t1 · Wv)
        t9{word; o} = Σ receiver(past) (t7 · t8[sender])
        t10{word; o} = t1[d → o]
        t11{word; o} = t9 + t10
        t12{word; o} = tanh(t11)
        t13{word; v} = Σ o (t12 · Wo)
        t14{word}: i32 = argmax v (t13)
        t15{word} = to_f32(t14)
        t16{word} = Σ receiver(chain) (t15[sender])
        t17{word}: i32 = to_i32(t16)
        token ← t17, export t13
      }
      t19{word}: i32 = t18.0
      "
    `);
  });

  it("tells axes and labels of one name apart, and spells views, slots and types", () => {
    const n = new Notation();
    const atom = nodes("atom");
    const [h, other, flat] = [n.axis("h", 2), n.axis("h", 3), n.axis("f", 6)];
    const x = n.input("x", atom, h, other);
    const kind = n.integers("kind", atom);
    const merged = n.table.named(
      n.table.view(x, { kind: "merge", from: [h, other], to: flat }),
      "x",
    );
    const E = n.table.param("E", [flat]);
    const looked = n.table.pull(E, allOf(atom), [{ axis: flat, index: kind }]);
    const y = n.map(
      "select",
      n.map("lt", looked, n.number(0.5, looked)),
      n.mul(merged, merged),
      looked,
    );
    const slots = [{ axis: flat, index: kind }];
    const counted = n.table.product({ factors: [looked], map: allOf(atom), slots, scale: -0.5 });
    expect(printTensors([y, counted])).toMatchInlineSnapshot(`
      "axes f 6, h 2, h~2 3
      E{batch; f} = param E[f]
      kind{atom}: i32 = input kind
      t1{atom} = E[f = kind]
      t2{atom}: bool = t1 < 0.5
      x{atom; h, h~2} = input x[h, h~2]
      x~2{atom; f} = x[h, h~2 → f]
      t3{atom; f} = x~2 · x~2
      t4{atom; f} = select(t2, t3, t1)
      t5{batch; f} = -0.5 Σ all(atom) (t1) at f = kind
      "
    `);
  });

  it("is equal for equal programs made in another order", () => {
    const one = gat();
    const two = gat();
    two.table.constant(5);
    expect(printTensors(two.results)).toBe(printTensors(one.results));
  });
});
