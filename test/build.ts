/** Node runs what is built, so the tests begin by building it. */
export default async function build(): Promise<void> {
  await import("../build.mjs" as string);
}
