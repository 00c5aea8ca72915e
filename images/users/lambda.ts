import { GetFunctionCommand, paginateListFunctions, type LambdaClient } from "@aws-sdk/client-lambda";
import pMap from "p-map";
import type { ImageReference } from "../references";
import { CONCURRENCY } from "../registry";
import { itemsOf } from "./pages";

/** Images of all versions of Lambda functions. */
export async function lambdaImages(lambda: LambdaClient): Promise<ImageReference[]> {
  const functions = await itemsOf(
    paginateListFunctions({ client: lambda }, { FunctionVersion: "ALL" }),
    (page) => page.Functions,
  );
  const found = await pMap(
    functions.filter(({ PackageType }) => PackageType === "Image"),
    async ({ FunctionName, Version }) => {
      const { Code } = await lambda.send(
        new GetFunctionCommand({
          FunctionName,
          ...(Version === undefined || Version === "$LATEST" ? {} : { Qualifier: Version }),
        }),
      );
      const where = `Lambda function ${FunctionName ?? ""} ${Version ?? ""}`.trim();
      if (Code?.ImageUri === undefined) {
        throw new Error(`the image of ${where} was not returned`);
      }
      return [Code.ImageUri, Code.ResolvedImageUri].flatMap((image) =>
        image === undefined ? [] : [{ image, where }],
      );
    },
    { concurrency: CONCURRENCY },
  );
  return found.flat();
}
