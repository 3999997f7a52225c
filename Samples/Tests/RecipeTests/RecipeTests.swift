// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Each recipe runs with the test camera, and other programs judge what it made.
@Suite(.serialized) struct RecipeTests {
    @Test(arguments: Expectation.basic + Expectation.advanced) func runs(recipe: Expectation) async throws {
        try await inFolder { folder in
            let outcome = try await Program.run([Program.recipes, recipe.name, "test"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try outcome.text.firstMatch(of: Regex(recipe.words)) != nil, "\(outcome.text)")
            for file in recipe.files { try await judge(file, in: folder) }
        }
    }

    @Test func crossIsInTheMiddle() async throws {
        try await inFolder { folder in
            _ = try await Program.run([Program.recipes, "overlaying-an-array", "test"], in: folder)
            for place in ["320+150", "320+240", "410+240"] {
                let pixel = try await Program.run(
                    [
                        "convert", "aimed.png", "-crop", "1x1+\(place)", "-format", "%[fx:minima]", "info:",
                    ], in: folder)
                #expect(Double(pixel.text) == 1, "\(place): \(pixel.text)")
            }
        }
    }

    @Test func textHasItsColours() async throws {
        try await inFolder { folder in
            for (name, picture) in [("overlaying-text", "text.jpg"), ("capturing-to-a-file", "picture.jpg")] {
                _ = try await Program.run([Program.recipes, name, "test"], in: folder)
                let share = try await Program.run(
                    [
                        "convert", picture, "-alpha", "set", "-fuzz", "15%", "-transparent", "blue", "-channel", "A",
                        "-separate", "-format", "%[fx:1-mean]", "info:",
                    ], in: folder)
                let blue = try #require(Double(share.text), "\(share.text)")
                let hasText = picture == "text.jpg"
                #expect(hasText == (blue > 0.005), "\(picture): \(blue)")
            }
        }
    }

    @Test func programListsThemAll() async throws {
        try await inFolder { folder in
            let list = try await Program.run([Program.recipes], in: folder)
            let names = list.text.split(separator: "\n").filter { $0.hasPrefix("  ") }.map { $0.dropFirst(2) }
            #expect(names.map(String.init) == (Expectation.basic + Expectation.advanced).map(\.name))
        }
    }

    @Test func unknownNameIsAnErrorThatSaysWhatToDo() async throws {
        try await inFolder { folder in
            let outcome = try await Program.run([Program.recipes, "flying"], in: folder)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("'flying'"), "\(outcome.errors)")
            #expect(outcome.errors.contains("lists those there are"), "\(outcome.errors)")
        }
    }

    private func inFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "recipes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func judge(_ file: Expectation.File, in folder: URL) async throws {
        switch file {
        case .picture(let name, let width, let height):
            // Without the prefix, ImageMagick leaves Digital Negatives to another program, which it may lack.
            let path = name.hasSuffix(".dng") ? "tiff:\(name)" : name
            let found = try await Program.run(["identify", "-format", "%wx%h\n", path], in: folder)
            #expect(found.text.contains("\(width)x\(height)\n"), "\(name): \(found.text)\(found.errors)")
        case .video(let name):
            let found = try await Program.run(
                [
                    "ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries",
                    "stream=width,height,nb_read_frames", "-of", "csv=p=0", name,
                ], in: folder)
            let line = found.text.split(separator: "\n").first ?? ""
            let numbers = line.split(separator: ",").compactMap { Int($0) }
            try #require(numbers.count == 3, "\(name): \(found.text)\(found.errors)")
            #expect(numbers[0] == 640 && numbers[1] == 480, "\(name): \(found.text)")
            #expect(numbers[2] > 1, "\(name): \(found.text)")
        case .bytes(let name, let count):
            #expect(try Data(contentsOf: folder.appending(path: name)).count == count, "\(name)")
        }
    }
}
