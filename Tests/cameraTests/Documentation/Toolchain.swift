// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The programs of the Swift toolchain that judge the documentation.
///
/// They may be missing where tests run that were built elsewhere, and read no modules of another processor.
enum Toolchain {
    static let hasCompiler = isThere("swiftc")
    static let hasDocC = isThere("docc")

    private static func isThere(_ program: String) -> Bool {
        guard !Machine.isEmulated, !Machine.isSanitized else { return false }
        return (try? run(program, ["--help"]).status) == 0
    }

    /// What the compiler was told when it built a test that imports all libraries: where their modules are.
    static func flagsForModules() throws -> [String] {
        let build = URL(filePath: Tool.path).deletingLastPathComponent()
        let manifest = build.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "\(build.lastPathComponent).yaml")
        let lines = try String(contentsOf: manifest, encoding: .utf8).split(separator: "\n")
        let name = #""-module-name","CameraServiceTests""#
        let line = try #require(lines.first { $0.contains("args: [") && $0.contains(name) })
        let list = try #require(line.firstIndex(of: "["))
        var rest = try JSONDecoder().decode([String].self, from: Data(line[list...].utf8))[...]
        var flags: [String] = []
        while let argument = rest.popFirst() {
            if ["-I", "-Xcc", "-module-cache-path"].contains(argument), let value = rest.popFirst() {
                flags += [argument, value]
            } else if argument.hasPrefix("-I") {
                flags.append(argument)
            }
        }
        return flags
    }
}
