/** Of the GitHub double's own making: no secret. */
const DOUBLE_TOKEN = 'ghp_double0000000000000000000000000000000';
const PORT = 38_815;

/** The GitHub that Grafana's plugin is to ask. */
export const DOUBLE = {
  /** True when the tests start it themselves. */
  started: process.env.DORA_GITHUB_API_URL === undefined,
  port: PORT,
  url: process.env.DORA_GITHUB_API_URL ?? `http://127.0.0.1:${PORT}`,
  token: process.env.DORA_GITHUB_TOKEN ?? DOUBLE_TOKEN,
};
