// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Whether the names in the documentation exist.
@Suite struct DocumentationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let articles: [String: String] = contents(of: "Docs", suffix: ".md")
    private static let declarations = Declarations(contents(of: "Sources", suffix: ".swift").values)

    private static func contents(of folder: String, suffix: String) -> [String: String] {
        let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path())?.compactMap {
            $0 as? String
        }
        var texts: [String: String] = [:]
        for name in names ?? [] where name.hasSuffix(suffix) {
            texts[name] = try? String(contentsOf: root.appending(path: folder).appending(path: name), encoding: .utf8)
        }
        return texts
    }

    /// The rows of an article's three-column tables.
    private func rows(of article: String) throws -> [(theirs: String, ours: String, note: String)] {
        let text = try #require(Self.articles[article])
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 5, cells[1] != "picamera", !cells[1].hasPrefix("-") else { return nil }
            return (cells[1], cells[2], cells[3])
        }
    }

    @Test(arguments: ["PicameraEncoders.md", "Picamera.md"])
    func namesForPicamerasExist(article: String) throws {
        let rows = try rows(of: article)
        #expect(rows.count > 50)
        for row in rows {
            let names = row.ours.matches(of: /`([^`]+)`/).map { String($0.1) }
            #expect(!names.isEmpty || !row.note.isEmpty, "\(row.theirs) has neither a name nor a reason")
            for name in names { #expect(Self.declarations.contains(name), "\(row.theirs): there is no \(name)") }
        }
    }

    @Test func picamerasEncoderPageIsCovered() throws {
        let theirs = try rows(of: "PicameraEncoders.md").map(\.theirs).joined(separator: "\n")
        let classes: [String: [String]] = [
            "PiEncoder": [
                "camera_port", "encoder", "event", "exception", "format", "input_port", "output_port", "outputs",
                "outputs_lock", "parent", "pool", "resizer", "_callback", "_callback_write", "_close_output",
                "_create_encoder", "_create_resizer", "_open_output", "close", "start", "stop", "wait", "active",
            ],
            "PiVideoEncoder": [
                "encoder_type", "_callback_write", "_create_encoder", "request_key_frame", "split", "start",
            ],
            "PiImageEncoder": ["encoder_type", "_create_encoder"],
            "PiRawMixin": ["_callback_write", "_create_encoder"],
            "PiCookedVideoEncoder": [], "PiRawVideoEncoder": [], "PiOneImageEncoder": [],
            "PiMultiImageEncoder": ["_next_output"], "PiRawImageMixin": ["_callback_write"],
            "PiCookedOneImageEncoder": [], "PiRawOneImageEncoder": [], "PiCookedMultiImageEncoder": [],
            "PiRawMultiImageEncoder": [],
        ]
        for (name, members) in classes {
            #expect(theirs.contains("`\(name)`"))
            for member in members {
                #expect(
                    theirs.contains("`\(name).\(member)`") || theirs.contains("`\(name).\(member)("),
                    "\(name).\(member) is missing")
            }
        }
        let words = [
            "parent", "camera_port", "input_port", "format", "resize", "**options", "'jpeg'", "'png'", "'gif'", "'bmp'",
            "'yuv'", "'rgb'", "'rgba'", "'bgr'", "'bgra'", "'h264'", "'mjpeg'", "bitrate", "intra_period", "profile",
            "level", "quantization", "quality", "inline_headers", "sei", "sps_timing", "motion_output", "intra_refresh",
            "thumbnail", "restart",
        ]
        for word in words {
            #expect(
                ["argument", "format", "option"].contains { theirs.contains("\($0) `\(word)`") }, "\(word) is missing")
        }
    }

    @Test(arguments: ["CameraEncoder.callbackWrite(_:)", "CameraEncoder.state", "VideoFrame.header", "PiEncoder"])
    func namesThatAreNotPublicAreNoticed(name: String) {
        #expect(!Self.declarations.contains(name))
    }

    @Test func linksLeadSomewhere() {
        #expect(Self.articles.count > 10)
        for (article, text) in Self.articles {
            // Two backticks in a row crash the parser of Swift 6.2.
            for link in text.matches(of: /`{2}(\w[^`\n]*)`{2}/) {
                let name = String(link.1).replacing("/", with: ".").replacing(/-swift\.[a-z]+|-\([^)]*\)/, with: "")
                #expect(name == "CameraKit" || Self.declarations.contains(name), "\(article): there is no \(link.1)")
            }
            for link in text.matches(of: /<doc:(\w+)>/) {
                #expect(Self.articles["\(link.1).md"] != nil, "\(article): there is no \(link.1)")
            }
        }
    }

    /// Links to files and pictures of the package, on the pages that are read in the repository too.
    @Test func filesOfLinksAreThere() throws {
        let pages =
            ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] + Self.articles.keys.map { "Docs/\($0)" }
        var count = 0
        for page in pages {
            let file = Self.root.appending(path: page)
            let text = try String(contentsOf: file, encoding: .utf8)
            for link in text.matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) where !link.1.contains(":") {
                let target = file.deletingLastPathComponent().appending(path: String(link.1)).standardizedFileURL
                #expect(FileManager.default.fileExists(atPath: target.path), "\(page): there is no \(link.1)")
                count += 1
            }
        }
        #expect(count > 50)
    }

    /// A page that is in no list of topics is found by nobody.
    @Test func everyPageIsAmongTheTopics() throws {
        let contents = try #require(Self.articles["CameraKit.md"])
        // Those of the libraries are at the top themselves.
        for (article, text) in Self.articles where !text.hasPrefix("# ``") {
            #expect(contents.contains("- <doc:\(article.dropLast(3))>"), "\(article)")
        }
    }
}

/// The public names of Swift sources, as "Type.member" and "Type.method(label:)".
private struct Declarations {
    private var names: Set<String> = []

    init(_ sources: some Sequence<String>) {
        for source in sources { scan(tokens(of: source)) }
    }

    func contains(_ name: String) -> Bool { names.contains(name) }

    /// What a pair of braces belongs to.
    private struct Scope {
        /// The type; nil for a body of code.
        var type: String?
        /// Whether members need no `public`: cases, and a protocol's requirements.
        var sharesAccess = false
    }

    private mutating func scan(_ tokens: [Substring]) {
        var scopes: [Scope] = []
        var pending = Scope()
        var isPublic = false
        for (index, token) in tokens.enumerated() {
            let next = index + 1 < tokens.count ? tokens[index + 1] : ""
            switch token {
            case "{":
                scopes.append(pending)
                pending = Scope()
                isPublic = false
            case "}":
                _ = scopes.popLast()
                isPublic = false
            case "public", "open": isPublic = isPublic || index == 0 || tokens[index - 1] != "func"
            case _ where scopes.contains { $0.type == nil }: break
            case "struct", "class", "enum", "protocol", "extension":
                guard !["func", "var", "let"].contains(next) else { continue }
                var type = String(next)
                for position in stride(from: index + 2, to: tokens.count - 1, by: 2) where tokens[position] == "." {
                    guard tokens[index + 2..<position].allSatisfy({ $0 == "." || $0.first?.isLetter == true }) else {
                        break
                    }
                    type += ".\(tokens[position + 1])"
                }
                pending.type = ((scopes.last?.type).map { [$0] } ?? []).appending(type).joined(separator: ".")
                pending.sharesAccess = isPublic && (token == "protocol" || token == "enum")
                if isPublic, let type = pending.type { names.insert(type) }
                isPublic = false
            case "func", "init", "var", "let", "case":
                guard let scope = scopes.last, let type = scope.type else { continue }
                defer { isPublic = false }
                guard isPublic || scope.sharesAccess else { continue }
                let name = token == "init" ? token : next
                let start = index + (token == "init" ? 1 : 2)
                let labels = token == "var" || token == "let" ? nil : labels(in: tokens[start...])
                names.insert("\(type).\(name)\(labels ?? "")")
            default: break
            }
        }
    }

    /// The argument labels of a declaration whose name was read: "(to:_:)"; nil when there is no list of arguments.
    private func labels(in tokens: ArraySlice<Substring>) -> String? {
        guard var position = tokens.firstIndex(where: { $0 != "?" }) else { return nil }
        if tokens[position] == "<" {
            var depth = 0
            repeat {
                depth += tokens[position] == "<" ? 1 : tokens[position] == ">" ? -1 : 0
                position += 1
            } while depth > 0 && position < tokens.endIndex
        }
        guard position < tokens.endIndex, tokens[position] == "(" else { return nil }
        var labels = ""
        var depth = 0
        for index in position..<tokens.endIndex {
            switch tokens[index] {
            case "(", "[":
                depth += 1
            case ")", "]":
                depth -= 1
                if depth == 0 { return "(\(labels))" }
            default: break
            }
            guard depth == 1, tokens[index] == "(" || tokens[index] == ",", tokens[index + 1] != ")" else { continue }
            // A name is followed by its colon, or by the name within the function; a case may have a type alone.
            let isNamed = tokens[index + 2] == ":" || tokens[index + 3] == ":"
            labels += isNamed ? "\(tokens[index + 1]):" : "_:"
        }
        return nil
    }

    /// Words and signs, without comments and texts.
    private func tokens(of source: String) -> [Substring] {
        let pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|#?"""[\s\S]*?"""#?|#"[^\n]*?"#|"(?:[^"\\\n]|\\.)*"|\w+|\S/
        return source.matches(of: pattern).map(\.0).filter { token in
            !token.hasPrefix("//") && !token.hasPrefix("/*") && !token.hasPrefix("\"") && !token.hasPrefix("#\"")
        }
    }
}

extension [String] {
    fileprivate func appending(_ element: String) -> [String] { self + [element] }
}
