/** The stages that `gnc compile --emit` prints, in the order of the pipeline. */
export const stages = ["ast", "model", "tensor", "gradient", "kernel", "wat"] as const;
export type StageName = (typeof stages)[number];
