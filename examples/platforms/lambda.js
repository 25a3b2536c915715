/**
 * Bookings on AWS Lambda, behind API Gateway. Lambda freezes the process as soon as the handler returns, so it waits for
 * what it has to tell.
 *
 *     node -e 'import("./examples/platforms/lambda.js").then((it) => it.handler({ rawPath: "/book", body: "eyJ0YWJsZSI6NH0=" }, { awsRequestId: "8f5f" }))'
 */
import { snitch } from "snitchbot";

/**
 * @param {{ rawPath: string, body: string }} event
 * @param {{ awsRequestId: string }} context
 */
export function handler({ rawPath: path, body }, { awsRequestId: requestId }) {
  return snitch.context({ path, requestId }, async () => {
    try {
      const { table } = JSON.parse(body); // API Gateway has encoded it: isBase64Encoded says so, if one looks
      return { statusCode: 201, body: `Table ${table} is yours.` };
    } catch (error) {
      snitch.capture(error, { severity: "critical" });
      return { statusCode: 500, body: "Please call us instead." };
    } finally {
      await snitch.flush();
    }
  });
}
