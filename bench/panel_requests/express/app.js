// The Express framework as its own template for Bitbucket sets it up: one signed panel, installations in SQLite, one process.
"use strict";

const bodyParser = require("body-parser");
const connect = require("atlassian-connect-express");
const express = require("express");
const hbs = require("express-hbs");
const path = require("path");

const { PORT, STORAGE, BASE_URL, CLIENT_KEY, SHARED_SECRET } = process.env;
const silent = { info() {}, log() {}, warn() {}, debug() {}, error: console.error };

const app = express();
app.set("env", "production");
app.engine("hbs", hbs.express4());
app.set("view engine", "hbs");
app.set("views", path.join(__dirname, "views"));

const addon = connect(
  app,
  {
    config: {
      product: "bitbucket",
      production: {
        port: PORT,
        localBaseUrl: BASE_URL,
        whitelist: "*",
        store: { adapter: "sequelize", dialect: "sqlite", storage: STORAGE, logging: false },
      },
    },
  },
  silent,
  { descriptorFilename: path.join(__dirname, "atlassian-connect.json"), configFileName: path.join(__dirname, "config.json") }
);

app.use(bodyParser.json());
app.use(addon.middleware());

app.get("/bench/panel", addon.authenticate(), (request, response) => {
  response.render("panel", { repository: request.query.repository });
});

const installation = {
  key: "bittern",
  clientKey: CLIENT_KEY,
  sharedSecret: SHARED_SECRET,
  baseUrl: "https://bitbucket.org",
  productType: "bitbucket",
};

addon.settings.set("clientInfo", installation, CLIENT_KEY).then(
  () => app.listen(PORT, "127.0.0.1", () => console.log("ready")),
  (error) => {
    console.error(error);
    process.exit(1);
  }
);
