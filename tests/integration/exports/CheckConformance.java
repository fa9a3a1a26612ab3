import java.io.FileInputStream;
import java.io.InputStream;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Checks files against veraPDF flavours: {@code CheckConformance ua1,2a FILE…}.
 *
 * <p>Prints one line a file and flavour, {@code PASS|FAIL flavour file checks}, each followed by
 * one indented line for every rule that failed: clause-test, how often, what it says, where first.
 * The exit status is 0 also when files fail, so that one run can check many; anything else is an
 * error of the checker itself.
 */
public class CheckConformance {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (int index = 1; index < arguments.length; index++) {
            for (String flavour : arguments[0].split(",")) {
                check(PDFAFlavour.fromString(flavour), arguments[index]);
            }
        }
    }

    private static void check(PDFAFlavour flavour, String file) throws Exception {
        try (InputStream stream = new FileInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(stream, flavour);
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            System.out.printf(
                    "%s %s %s %d%n",
                    result.isCompliant() ? "PASS" : "FAIL",
                    flavour.getId(),
                    file,
                    result.getTotalAssertions());
            TreeMap<String, Integer> counts = new TreeMap<>();
            TreeMap<String, String> firsts = new TreeMap<>();
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    String rule = assertion.getRuleId().getClause()
                            + "-" + assertion.getRuleId().getTestNumber();
                    counts.merge(rule, 1, Integer::sum);
                    firsts.putIfAbsent(
                            rule,
                            assertion.getMessage() + " @ " + assertion.getLocation().getContext());
                }
            }
            for (String rule : counts.keySet()) {
                System.out.printf("   %s x%d %s%n", rule, counts.get(rule), firsts.get(rule));
            }
        }
    }
}
