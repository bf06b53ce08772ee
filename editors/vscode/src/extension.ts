// The extension: a client of `strports lsp` for every file.

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions } from "vscode-languageclient/node";

import { failure, program } from "./server";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("strports.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("strports")) {
        await restart();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
  client = undefined;
}

async function restart(): Promise<void> {
  await deactivate();
  await start();
}

async function start(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("strports");
  const settings = {
    path: configuration.get<string>("path", "strports"),
    arguments: configuration.get<string[]>("arguments", []),
  };
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const server = program(settings, folder);
  // The server detects the format by the file name, so it receives every file.
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
  };
  client = new LanguageClient("strports", "strports", server, options);
  try {
    await client.start();
  } catch (error) {
    void vscode.window.showErrorMessage(failure(server.command, error));
  }
}
