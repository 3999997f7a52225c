// SPDX-License-Identifier: MIT

// picamera's recipes: `recipes` lists them, `recipes NAME [CAMERA]` runs one, which writes into the current folder.

import CameraKit
import Foundation
import SampleCamera

let words = CommandLine.arguments.dropFirst()
guard let name = words.first else {
    print("usage: recipes NAME [CAMERA]")
    for recipe in Recipe.all { print("  \(recipe.name)") }
    print("Programs of their own: \(Recipe.programs.joined(separator: ", ")).")
    exit(0)
}
guard let recipe = Recipe.all.first(where: { $0.name == name }) else {
    Camera.exit(
        withError: CameraError(
            .notFound, "looking for the recipe", subject: name, reason: "`recipes` lists those there are"))
}
do {
    if let camera = words.dropFirst().first {
        try await recipe.run(CameraSelection(parsing: camera))
    } else {
        do {
            try await recipe.run(.auto)
        } catch let error as CameraError where error.code == .notFound {
            print("There is no camera here: using the test camera.")
            try await recipe.run(.test)
        }
    }
} catch {
    Camera.exit(withError: error)
}
