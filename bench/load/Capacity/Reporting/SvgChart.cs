using System.Globalization;
using System.Text;

namespace Grid.Bench.Load.Capacity.Reporting;

/// <summary>A line of a chart.</summary>
/// <param name="Dashed">A line that was computed, not measured.</param>
internal sealed record ChartLine(string Name, string Colour, IReadOnlyList<(double X, double Y)> Points, bool Dashed = false);

/// <summary>A chart as SVG text: axes from zero, lines with their points, a legend. Needs no script and no font.</summary>
internal static class SvgChart
{
    private const int Width = 640, Height = 300, Left = 70, Right = 150, Top = 20, Bottom = 40;
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Of(string title, string xName, string yName, IReadOnlyList<ChartLine> lines)
    {
        var points = lines.SelectMany(line => line.Points).ToArray();
        if (points.Length == 0)
            return "";
        var (xMax, yMax) = (NiceMax(points.Max(point => point.X)), NiceMax(points.Max(point => point.Y)));
        var text = new StringBuilder();
        text.Append(Culture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Escape(title)}\">");
        text.Append(Culture, $"<title>{Escape(title)}</title>");
        AppendAxes(text, xName, yName, xMax, yMax);
        for (var i = 0; i < lines.Count; i++)
            AppendLine(text, lines[i], i, xMax, yMax);
        return text.Append("</svg>").ToString();
    }

    private static void AppendAxes(StringBuilder text, string xName, string yName, double xMax, double yMax)
    {
        const int Ticks = 4;
        for (var i = 0; i <= Ticks; i++)
        {
            var (x, y) = (xMax * i / Ticks, yMax * i / Ticks);
            text.Append(Culture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(y, yMax):0.#}\" y2=\"{Y(y, yMax):0.#}\"/>");
            text.Append(Culture, $"<text class=\"tick\" x=\"{Left - 6}\" y=\"{Y(y, yMax) + 4:0.#}\" text-anchor=\"end\">{Tick(y)}</text>");
            text.Append(Culture, $"<text class=\"tick\" x=\"{X(x, xMax):0.#}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{Tick(x)}</text>");
        }
        text.Append(Culture, $"<text class=\"name\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">{Escape(xName)}</text>");
        text.Append(Culture, $"<text class=\"name\" x=\"{Left}\" y=\"{Top - 6}\">{Escape(yName)}</text>");
    }

    private static void AppendLine(StringBuilder text, ChartLine line, int index, double xMax, double yMax)
    {
        var path = string.Join(' ', line.Points.Select(point => string.Create(Culture, $"{X(point.X, xMax):0.#},{Y(point.Y, yMax):0.#}")));
        var dash = line.Dashed ? " stroke-dasharray=\"6 4\"" : "";
        text.Append(Culture, $"<polyline fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"2\"{dash} points=\"{path}\"/>");
        if (!line.Dashed && line.Points.Count <= 60)
        {
            foreach (var (x, y) in line.Points)
                text.Append(Culture, $"<circle cx=\"{X(x, xMax):0.#}\" cy=\"{Y(y, yMax):0.#}\" r=\"3.5\" fill=\"{line.Colour}\"><title>{Escape(line.Name)}: {y:0.##}</title></circle>");
        }
        var top = Top + 8 + index * 18;
        text.Append(Culture, $"<line x1=\"{Width - Right + 12}\" x2=\"{Width - Right + 36}\" y1=\"{top}\" y2=\"{top}\" stroke=\"{line.Colour}\" stroke-width=\"2\"{dash}/>");
        text.Append(Culture, $"<text class=\"tick\" x=\"{Width - Right + 42}\" y=\"{top + 4}\">{Escape(line.Name)}</text>");
    }

    /// <summary>The next of 1, 2, 4, 5, 8 times a power of ten: four parts of it are read easily.</summary>
    public static double NiceMax(double value)
    {
        if (!(value > 0))
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var step in (ReadOnlySpan<double>)[1, 2, 4, 5, 8])
        {
            if (value <= step * power * 1.0001)
                return step * power;
        }
        return 10 * power;
    }

    public static string Escape(string text) => System.Net.WebUtility.HtmlEncode(text);

    private static string Tick(double value) => value >= 10_000
        ? (value / 1000).ToString("0.#", Culture) + " k"
        : value.ToString("0.##", Culture);

    private static double X(double value, double max) => Left + value / max * (Width - Left - Right);

    private static double Y(double value, double max) => Height - Bottom - value / max * (Height - Top - Bottom);
}
