import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: process.env["FAKEPRINT_DESCRIPTION"] ?? "../../../deploy/openapi.json",
  output: { path: process.env["FAKEPRINT_GENERATED"] ?? "src/generated", module: { extension: ".js" } },
  plugins: [
    { name: "@hey-api/client-fetch", throwOnError: true },
    "@hey-api/typescript",
    {
      name: "@hey-api/sdk",
      responseStyle: "data",
      operations: { strategy: "single", containerName: "Api", methods: "instance" },
    },
  ],
});
